import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAG } from './flags.js';
import { AHEAD_MS, EARLIEST_MS, isPlausible, repairTimes } from './times.js';

const NOW = Date.UTC(2026, 10, 20);

describe('repairTimes', () => {
  it('leaves believable times alone', () => {
    const times = [NOW - 86_400_000, NOW, NOW + AHEAD_MS];
    expect(repairTimes(times, NOW)).toBeNull();
    expect(times).toEqual([NOW - 86_400_000, NOW, NOW + AHEAD_MS]);
  });

  it('multiplies times in seconds and says so', () => {
    const times = [NOW / 1000 - 60, NOW / 1000];
    expect([...(repairTimes(times, NOW) ?? [])]).toEqual([FLAG.seconds, FLAG.seconds]);
    expect(times).toEqual([NOW - 60_000, NOW]);
  });

  it('keeps the spacing of a message from a clock that was never set', () => {
    const times = [1_000, 2_000, 5_000];
    expect([...(repairTimes(times, NOW) ?? [])]).toEqual([FLAG.clock, FLAG.clock, FLAG.clock]);
    expect(times).toEqual([NOW - 4_000, NOW - 3_000, NOW]);
  });

  it('sets the last row to now when the clock is more than ten minutes ahead', () => {
    const times = [NOW + AHEAD_MS, NOW + AHEAD_MS + 1];
    repairTimes(times, NOW);
    expect(times).toEqual([NOW - 1, NOW]);
  });

  it('always ends with believable times, whatever was sent', () => {
    const anyTime = fc.oneof(
      fc.nat(Number.MAX_SAFE_INTEGER),
      fc.constant(NOW),
      fc.integer({ min: EARLIEST_MS, max: NOW }),
    );
    fc.assert(
      fc.property(fc.array(anyTime, { minLength: 1, maxLength: 20 }), (times) => {
        repairTimes(times, NOW);
        expect(times.every((time) => isPlausible(time, NOW))).toBe(true);
      }),
    );
  });
});
