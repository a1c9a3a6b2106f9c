import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Watermark } from './types.js';
import { applyRange, classify, emptyWatermark, MAX_GAPS } from './watermark.js';

const apply = (mark: Watermark, ...ranges: [number, number][]) =>
  ranges.reduce((now, [first, last]) => applyRange(now, first, last), mark);

describe('watermark', () => {
  test('numbers in order leave no gap', () => {
    expect(apply(emptyWatermark('b'), [1, 3], [4, 4])).toEqual({ boot: 'b', high: 4, gaps: [] });
  });

  test('what is below the first message ever seen is a gap', () => {
    expect(apply(emptyWatermark('b'), [5, 6])).toEqual({ boot: 'b', high: 6, gaps: [[1, 4]] });
  });

  test('a late number splits its gap, and fills it in the end', () => {
    const split = apply(emptyWatermark('b'), [1, 1], [6, 6], [4, 4]);
    expect(split.gaps).toEqual([
      [2, 3],
      [5, 5],
    ]);
    expect(apply(split, [2, 5])).toEqual({ boot: 'b', high: 6, gaps: [] });
  });

  test('a range may fill gaps and go beyond the high mark', () => {
    expect(apply(emptyWatermark('b'), [3, 3], [2, 9])).toEqual({ boot: 'b', high: 9, gaps: [[1, 1]] });
  });

  test('beyond 64 gaps the oldest is given up: its numbers count as received', () => {
    let mark = emptyWatermark('b');
    for (let seq = 2; seq <= 2 * (MAX_GAPS + 1); seq += 2) mark = applyRange(mark, seq, seq);
    expect(mark.gaps).toHaveLength(MAX_GAPS);
    expect(classify(mark, 1)).toBe('duplicate');
    expect(classify(mark, 3)).toBe('late');
  });

  test('an empty or negative range is refused', () => {
    expect(() => applyRange(emptyWatermark('b'), 2, 1)).toThrow(RangeError);
    expect(() => applyRange(emptyWatermark('b'), 0, 1)).toThrow(RangeError);
  });

  test('everything is new to an unknown boot', () => {
    expect(classify(undefined, 1)).toBe('new');
  });

  test('agrees with a set of received numbers', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 0, max: 12 }))
      .map(([first, more]): [number, number] => [first, first + more]);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
        const received = new Set<number>();
        let mark = emptyWatermark('b');
        for (const [first, last] of ranges) {
          mark = applyRange(mark, first, last);
          for (let seq = first; seq <= last; seq++) received.add(seq);
        }
        const high = Math.max(0, ...received);
        expect(mark.high).toBe(high);
        for (let seq = 1; seq <= 100; seq++) {
          const expected = seq > high ? 'new' : received.has(seq) ? 'duplicate' : 'late';
          expect(classify(mark, seq)).toBe(expected);
        }
      }),
    );
  });
});
