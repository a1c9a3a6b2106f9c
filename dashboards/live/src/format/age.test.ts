import { describe, expect, it } from 'vitest';
import { age, duration } from './age.js';

const NBSP = '\u00a0';

describe('age', () => {
  it.each([
    [0, 'now'],
    [999, 'now'],
    [1_000, `1${NBSP}s`],
    [99_999, `99${NBSP}s`],
    [100_000, `2${NBSP}min`],
    [89 * 60_000, `89${NBSP}min`],
    [90 * 60_000, `2${NBSP}h`],
    [35 * 3_600_000, `35${NBSP}h`],
    [36 * 3_600_000, `2${NBSP}d`],
  ])('%d ms is %s', (ms, text) => expect(age(ms)).toBe(text));
});

describe('duration', () => {
  it.each([
    [250, `250${NBSP}ms`],
    [5_000, `5${NBSP}s`],
    [90_000, `1.5${NBSP}min`],
    [6 * 3_600_000, `6${NBSP}h`],
    [86_400_000, `1${NBSP}d`],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));
});
