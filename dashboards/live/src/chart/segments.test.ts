import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentsOf } from './segments.js';

const base = { lengthMs: 0, intervalMs: 1_000, from: 0, to: 10_000 };

describe('segmentsOf', () => {
  it('holds a state until the next reading, and joins equal ones', () => {
    const points = [
      [0, true],
      [2_000, true],
      [4_000, false],
      [7_000, false],
      [9_000, true],
    ] as const;
    expect(segmentsOf({ ...base, points })).toEqual([
      { from: 0, to: 4_000, value: true },
      { from: 4_000, to: 9_000, value: false },
      { from: 9_000, to: 10_000, value: true },
    ]);
  });

  it('does not know what it was before the first reading, nor after a long silence', () => {
    expect(segmentsOf({ ...base, points: [[2_000, 'idle']], to: 4_000 })).toEqual([
      { from: 0, to: 2_000, value: undefined },
      { from: 2_000, to: 4_000, value: 'idle' },
    ]);
    expect(segmentsOf({ ...base, points: [[2_000, 'idle']] })).toEqual([
      { from: 0, to: 10_000, value: undefined },
    ]);
  });

  it('knows a bucket for its own width when silence follows', () => {
    expect(segmentsOf({ ...base, lengthMs: 2_000, points: [[0, 'idle']] })).toEqual([
      { from: 0, to: 2_000, value: 'idle' },
      { from: 2_000, to: 10_000, value: undefined },
    ]);
  });

  it('covers the range without overlap, whatever was read', () => {
    const points = fc
      .uniqueArray(fc.integer({ min: -5_000, max: 15_000 }), { maxLength: 20 })
      .map((times) => times.sort((a, b) => a - b).map((t) => [t, t % 3 === 0] as const));
    fc.assert(
      fc.property(points, (read) => {
        const segments = segmentsOf({ ...base, points: read });
        let at = 0;
        for (const { from, to } of segments) {
          expect(from).toBe(at);
          expect(to).toBeGreaterThan(from);
          at = to;
        }
        expect(at).toBe(10_000);
      }),
    );
  });
});
