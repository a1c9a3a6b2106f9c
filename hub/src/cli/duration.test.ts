import { expect, it } from 'vitest';
import { durationMs, parseDuration, ttlMs } from './duration.js';

it('reads durations', () => {
  expect(['90s', '30m', '12h', '30d'].map(durationMs)).toEqual([
    90_000, 1_800_000, 43_200_000, 2_592_000_000,
  ]);
  expect(['', '5', '0s', '1w', '-5m'].map(parseDuration)).toEqual(Array(5).fill(undefined));
  expect(() => durationMs('5')).toThrow('90s, 30m');
});

it('says in days how long a command may wait', () => {
  expect(ttlMs('7d')).toBe(604_800_000);
  expect(() => ttlMs('8d')).toThrow('at most 7 days');
  expect(() => ttlMs('soon')).toThrow('90s, 30m');
});
