import { loadProfile } from '@fieldline/protocol';
import { expect, test } from 'vitest';
import { influxWishes } from './open-influx.js';

const DAY = 86_400_000;
const FOR_EVER = Number.POSITIVE_INFINITY;
const defaults = { retentionDays: 0, rollups: true, minuteDays: 400, hourDays: 0 };

function profiles(...bodies: string[]) {
  const loaded = bodies.map((body) => loadProfile(`${body}\nmetrics: {}\n`, 'x.yaml'));
  return new Map(loaded.map((profile) => [profile.name, profile]));
}

test('days become durations, and 0 days are for ever, or nothing asked', () => {
  expect(influxWishes(defaults, new Map())).toEqual({
    ...{ rawMs: null, rawMsOf: new Map() },
    rollups: { '1m': 400 * DAY, '1h': FOR_EVER },
  });
  expect(influxWishes({ ...defaults, rollups: false, retentionDays: 30 }, new Map())).toEqual({
    ...{ rawMs: 30 * DAY, rawMsOf: new Map(), rollups: null },
  });
});

test('only profiles that say how long have a policy of their own', () => {
  const { rawMsOf } = influxWishes(defaults, profiles('profile: a\nretention: 7d', 'profile: b'));
  expect(rawMsOf).toEqual(new Map([['a', 7 * DAY]]));
});
