import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../command/field.js';
import { conflictOf, type Draft, edited, freshDraft, keysOf, rebased, wantedOf } from './draft.js';
import { rowStateOf } from './row-state.js';
import type { Config } from './settings.js';

const fields = fieldsOf({
  interval: { type: 'integer', unit: 'ms', min: 1_000, default: 5_000 },
  hysteresis: { type: 'number' },
});
const [interval] = fields;
const aConfig = (part: Partial<Config> = {}): Config => ({
  version: 3,
  desired: { interval: 8_000 },
  reported: { interval: 5_000 },
  state: 'pending',
  ...part,
});
const typed = (draft: Draft, key: string, text: string | null) =>
  edited(
    draft,
    key,
    fields.find(({ name }) => name === key),
    text,
  );

describe('a draft', () => {
  it('sends the whole, with what was typed in it', () => {
    const draft = typed(freshDraft(aConfig()), 'hysteresis', '1.5');
    expect(wantedOf(draft, fields, true)).toMatchObject({
      desired: { interval: 8_000, hysteresis: 1.5 },
      faults: {},
      changed: ['hysteresis'],
    });
  });

  it('leaves out what was emptied, and finds faults', () => {
    expect(wantedOf(typed(freshDraft(aConfig()), 'interval', ''), fields, true)).toMatchObject({
      desired: {},
      changed: ['interval'],
    });
    expect(wantedOf(typed(freshDraft(aConfig()), 'interval', '10'), fields, true).faults).toEqual({
      interval: 'At least 1,000\u00a0ms.',
    });
  });

  it('is no draft any more when the old value is typed again', () => {
    const changed = typed(freshDraft(aConfig()), 'interval', '9000');
    expect(typed(changed, 'interval', '8000').edits).toEqual({});
  });

  it('sends no key that the profile does not know, and any where there is none', () => {
    const odd = freshDraft(aConfig({ desired: { odd: 1 } }));
    expect(wantedOf(odd, fields, true).desired).toEqual({});
    expect(wantedOf(odd, [], false).desired).toEqual({ odd: 1 });
  });

  it('adds keys where no profile names them, but none twice', () => {
    const draft: Draft = {
      ...freshDraft(aConfig()),
      added: [
        { key: 1, name: 'gain', text: '2' },
        { key: 2, name: 'interval', text: '1' },
      ],
    };
    const wanted = wantedOf(draft, [], false);
    expect(wanted.desired).toEqual({ interval: 8_000, gain: 2 });
    expect([...wanted.rowFaults.keys()]).toEqual([2]);
  });

  it('lists the profile’s keys first', () => {
    expect(keysOf(fields, aConfig({ reported: { z: 1, a: 2 } }))).toEqual([
      'interval',
      'hysteresis',
      'a',
      'z',
    ]);
  });
});

describe('a version that somebody else saved', () => {
  const mine = typed(freshDraft(aConfig()), 'interval', '9000');
  const theirs = aConfig({ version: 4, desired: { interval: 6_000, hysteresis: 2 } });

  it('shows what they set, and where both did', () => {
    expect(conflictOf(mine, aConfig())).toBeNull();
    expect(conflictOf(mine, theirs)).toEqual([
      { key: 'interval', now: 6_000, both: true },
      { key: 'hysteresis', now: 2, both: false },
    ]);
  });

  it('is what one goes on from, with one’s own changes', () => {
    const next = rebased(mine, theirs, fields);
    expect(conflictOf(next, theirs)).toBeNull();
    expect(wantedOf(next, fields, true)).toMatchObject({
      desired: { interval: 9_000, hysteresis: 2 },
      changed: ['interval'],
    });
  });

  it('turns a key that both added into a change of theirs', () => {
    const added = { ...freshDraft(aConfig({ desired: {} })), added: [{ key: 1, name: 'gain', text: '2' }] };
    const next = rebased(added, aConfig({ version: 4, desired: { gain: 1 } }), []);
    expect(next).toMatchObject({ edits: { gain: '2' }, added: [] });
  });
});

describe('rowStateOf', () => {
  const state = (config: Config, rest = {}) =>
    rowStateOf({ config, key: 'interval', isEdited: false, isKnown: true, online: true, ...rest }).word;

  it('believes reports only', () => {
    expect(state(aConfig())).toBe('Sent, not applied yet');
    expect(state(aConfig(), { online: false })).toBe('Waits for the device');
    expect(state(aConfig({ reported: { interval: 8_000 } }))).toBe('Same');
    expect(state(aConfig({ state: 'rejected' }))).toBe('Refused');
    expect(state(aConfig({ state: 'applied' }))).toBe('Applied, but it reports another value');
    expect(state(aConfig({ state: 'applied', reported: {} }))).toBe(
      'Not known: the device does not report it',
    );
  });

  it('tells what nobody set', () => {
    expect(state(aConfig({ desired: {} }))).toBe('Set by the device itself');
    expect(state(aConfig({ desired: {}, reported: {} }))).toBe('Not set');
    expect(state(aConfig(), { isEdited: true })).toBe('Not saved yet');
    expect(interval?.title).toBe('Interval');
  });
});
