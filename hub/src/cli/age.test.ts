import { expect, test } from 'vitest';
import { age, expiry, utc } from './age.js';

test.each([
  [null, 'never'],
  [0, 'now'],
  [-5_000, 'now'],
  [999, 'now'],
  [7_400, '7 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [4 * 60_000, '4 min'],
  [3 * 3_600_000, '3 h'],
  [47 * 3_600_000, '47 h'],
  [48 * 3_600_000, '2 d'],
  [400 * 86_400_000, '400 d'],
])('%s ms ago is "%s"', (elapsedMs, words) => {
  const nowMs = 1_767_225_600_000;
  expect(age(elapsedMs === null ? null : nowMs - elapsedMs, nowMs)).toBe(words);
});

test('a time is written in UTC, to the second', () => {
  expect(utc(1_767_225_600_123)).toBe('2026-01-01 00:00:00Z');
  expect(utc(null)).toBe('-');
});

test.each([
  [null, 'never'],
  [60_000, '2026-01-01 00:01:00Z'],
  [0, 'expired now'],
  [-4 * 60_000, 'expired 4 min ago'],
])('what ends in %s ms: "%s"', (leftMs, words) => {
  const nowMs = 1_767_225_600_000;
  expect(expiry(leftMs === null ? null : nowMs + leftMs, nowMs)).toBe(words);
});
