import { expect, it } from 'vitest';
import { EXIT } from './exit-codes.js';
import { momentOf } from './moment.js';

const NOW = Date.UTC(2026, 0, 31, 12);

it.each([
  ['2026-01-30', Date.UTC(2026, 0, 30)],
  ['2026-01-30T10:00:00+01:00', Date.UTC(2026, 0, 30, 9)],
  ['1769860800000', 1_769_860_800_000],
  ['24h', NOW - 86_400_000],
  ['90s', NOW - 90_000],
  ['999999d', 0],
])('%s is a moment', (text, moment) => {
  expect(momentOf(text, NOW)).toBe(moment);
});

it.each(['', 'yesterday', '2026-02-30', '0h', '-5m'])('%j is none', (text) => {
  expect(() => momentOf(text, NOW)).toThrow(expect.objectContaining({ exitCode: EXIT.usage }));
});
