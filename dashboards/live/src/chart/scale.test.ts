import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit } from '../format/metric.js';
import { leastSpan, rangeOf, ticksOf } from './scale.js';

const bucket = (min: number, max: number) => ({ t: 0, mean: (min + max) / 2, min, max, count: 2 });
const above = (at: number): Limit => ({ kind: 'alarm', side: 'above', at, hold: '' });

describe('rangeOf', () => {
  it('is lowest to highest plus 8 % on each side', () => {
    const { low, high } = rangeOf([bucket(0, 10)], [], 1);
    expect(low).toBeCloseTo(-0.8);
    expect(high).toBeCloseTo(10.8);
  });

  it('takes in a limit that is near, and leaves one that is far', () => {
    expect(rangeOf([bucket(0, 10)], [above(14)], 1).high).toBeGreaterThan(14);
    expect(rangeOf([bucket(0, 10)], [above(15)], 1).high).toBeLessThan(11);
  });

  it('makes no drama of noise', () => {
    const { low, high } = rangeOf([bucket(4.99, 5.01)], [], leastSpan(1, []));
    expect(high - low).toBeGreaterThanOrEqual(1);
    expect((low + high) / 2).toBeCloseTo(5);
  });

  it('has a range even without a reading', () => {
    expect(rangeOf([], [], 1)).toEqual({ low: 0, high: 1 });
  });
});

describe('ticksOf', () => {
  it('gives round figures, finer before it gives too few', () => {
    expect(ticksOf({ low: 2.8, high: 5.2 }, 4)).toEqual([3, 4, 5]);
    expect(ticksOf({ low: 3.9, high: 5.05 }, 4)).toEqual([4, 4.5, 5]);
  });

  it('stays inside the range and below the limit', () => {
    const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(bound, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, span) => {
        const high = low + span;
        const ticks = ticksOf({ low, high }, 4);
        expect(ticks.length).toBeLessThanOrEqual(4);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - span * 1e-6);
          expect(tick).toBeLessThanOrEqual(high + span * 1e-6);
        }
      }),
    );
  });
});
