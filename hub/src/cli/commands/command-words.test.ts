import type { CommandView } from '@fieldline/protocol';
import pico from 'picocolors';
import { describe, expect, it } from 'vitest';
import { commandLines, outcomeOf, paramsText, stateWord } from './command-words.js';

const colors = pico.createColors(false);
const command: CommandView = {
  ...{ id: '01J8', device: 'pump-1', name: 'relay.set', params: { on: true }, state: 'succeeded' },
  ...{ queue: false, ttl: 10_000, createdAt: 0, sentAt: 1, finishedAt: 2, result: null, error: null },
  ...{ verification: null, by: 'ada' },
};

describe('the words for a command', () => {
  it('say what is known, and no more', () => {
    const said = (rest: Partial<CommandView>) => outcomeOf({ ...command, ...rest });
    expect(said({})).toBe('succeeded');
    expect(said({ verification: 'pending' })).toBe('succeeded');
    expect(said({ verification: 'verified' })).toBe('succeeded, and telemetry shows it');
    expect(said({ verification: 'contradicted' })).toBe('succeeded, but telemetry shows otherwise');
    expect(said({ state: 'timed_out', verification: 'unverified' })).toBe(
      'outcome unknown: it was sent, and no answer came; no telemetry came that could show it',
    );
    expect([stateWord('timed_out'), stateWord('failed')]).toEqual(['outcome unknown', 'failed']);
  });

  it('have what the device said in a form that cannot harm a terminal', () => {
    const failed = { ...command, error: { code: 'stuck', message: 'red\u001b[31m' }, result: { at: 3 } };
    expect(commandLines(failed, colors)).toEqual([
      'pump-1 relay.set: succeeded',
      '  stuck: red\\u001b[31m',
      '  {"at":3}',
      '  01J8',
    ]);
  });

  it('show parameters as they are typed', () => {
    expect(paramsText({ on: true, level: 5, mode: 'eco', until: null })).toBe(
      'on=true level=5 mode=eco until=null',
    );
    expect(paramsText({})).toBe('');
  });
});
