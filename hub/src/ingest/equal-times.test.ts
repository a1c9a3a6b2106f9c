import type { Value } from '@fieldline/journal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EqualTimes } from './equal-times.js';

function store(times: EqualTimes, rawTime: number, values: Record<string, Value>): number {
  const marks = Object.keys(values).reduce((bits, name) => bits | (1 << (name.charCodeAt(0) & 31)), 0);
  const time = times.assign(rawTime, values, marks);
  times.note({ device: 'd', boot: 'b', seq: 1, time, receivedAt: 0, values, flags: 0 }, marks);
  return time;
}

describe('EqualTimes', () => {
  it('moves a reading of the same metric at the same time by 1 µs', () => {
    const times = new EqualTimes();
    expect([1, 2, 3].map((value) => store(times, 5_000, { a: value }))).toEqual([5_000, 5_001, 5_002]);
  });

  it('leaves readings of different metrics together', () => {
    const times = new EqualTimes();
    expect(store(times, 5_000, { a: 1 })).toBe(5_000);
    expect(store(times, 5_000, { b: 1 })).toBe(5_000);
    expect(store(times, 5_000, { a: 2, b: 2 })).toBe(5_001);
  });

  it('knows a time again after others have come in between', () => {
    const times = new EqualTimes();
    const stored = [5_000, 6_000, 5_000, 4_000, 5_000, 6_000].map((time) => store(times, time, { a: 1 }));
    expect(stored).toEqual([5_000, 6_000, 5_001, 4_000, 5_002, 6_001]);
  });

  it('leaves other metrics where they are, also then', () => {
    const times = new EqualTimes();
    for (const time of [5_000, 6_000]) store(times, time, { a: 1 });
    expect([5_000, 6_000].map((time) => store(times, time, { b: 1 }))).toEqual([5_000, 6_000]);
    expect(store(times, 5_000, { a: 2 })).toBe(5_001);
  });

  it('never gives two readings of a metric one time, however many come at once, in whatever order', () => {
    const reading = fc.tuple(
      fc.constantFrom(...Array.from({ length: 32 }, (_, n) => (1_000 + n) * 1_000)),
      fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
    );
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 400 }), (readings) => {
        const times = new EqualTimes();
        const seen = new Set<string>();
        for (const [rawTime, metrics] of readings) {
          const time = store(times, rawTime, Object.fromEntries(metrics.map((name) => [name, 1])));
          for (const metric of metrics) {
            expect(seen.has(`${metric} ${time}`)).toBe(false);
            seen.add(`${metric} ${time}`);
          }
        }
      }),
    );
  });
});
