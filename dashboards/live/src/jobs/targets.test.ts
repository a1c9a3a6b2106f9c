import { describe, expect, it } from 'vitest';
import { offeredTo, sortTargets, type Target, targetsOf } from './targets.js';

const device = (
  id: string,
  profile: string | null,
  more: { online?: boolean; disabled?: boolean; tags?: Record<string, string> } = {},
): Target => ({
  id,
  name: id,
  online: more.online ?? true,
  view: { profile, tags: more.tags ?? {}, disabled: more.disabled ?? false },
});

const FLEET = new Map(
  [
    device('b', 'pump', { tags: { site: 'north' } }),
    device('a', 'pump', { tags: { site: 'north' }, online: false }),
    device('c', 'lamp', { tags: { site: 'north' } }),
    device('d', 'pump', { tags: { site: 'south' }, disabled: true }),
    device('e', null),
  ].map((one) => [one.id, one] as const),
);
const PROFILES: Readonly<Record<string, object>> = {
  pump: { metrics: {}, commands: { start: { title: 'Start' }, blink: { title: 'Blink the pump' } } },
  lamp: { metrics: {}, commands: { blink: { title: 'Blink the lamp' } } },
};
const profileOf = (name: string | null) =>
  (PROFILES[name ?? ''] ?? { metrics: {} }) as ReturnType<Parameters<typeof offeredTo>[1]>;
const ids = (devices: readonly Target[]) => devices.map(({ id }) => id).join('');

describe('the devices of a job', () => {
  it('are those with the profile and all of the tags, or those that were chosen and still exist', () => {
    const matching = (profile: string | null, tags = {}) =>
      ids(targetsOf(FLEET, { kind: 'matching', profile, tags }));
    expect(matching('pump')).toBe('abd');
    expect(matching(null, { site: 'north' })).toBe('abc');
    expect(matching('pump', { site: 'south' })).toBe('d');
    expect(ids(targetsOf(FLEET, { kind: 'chosen', ids: ['c', 'gone', 'a'] }))).toBe('ca');
  });

  it('leave out who cannot take the command, who is disabled, and who is offline unless it is waited for', () => {
    const all = [...FLEET.values()];
    const takes = (profile: string | null) => profile !== 'lamp';
    const now = sortTargets(all, takes, false);
    expect([ids(now.going), now.unable, now.disabled, now.offline]).toEqual(['be', 1, 1, 1]);
    expect(ids(sortTargets(all, takes, true).going)).toBe('bae');
  });
});

it('the commands are those of their profiles, and the one that most can take comes first', () => {
  const offered = offeredTo([...FLEET.values()], profileOf);
  expect(offered.map(({ name, able }) => [name, able])).toEqual([
    ['blink', 4],
    ['start', 3],
  ]);
  expect(offered[0]?.document.title).toBe('Blink the pump');
});
