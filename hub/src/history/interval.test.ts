import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketInterval } from './interval.js';

const HOUR = 3_600_000;
const TEN = Date.UTC(2026, 10, 20, 10);

test.each([
  [TEN, TEN + HOUR, 60, 60_000],
  [TEN + 1, TEN + HOUR + 1, 60, 120_000],
  [TEN, TEN + 24 * HOUR, 500, 300_000],
  [TEN, TEN + 24 * HOUR, 1, 7 * 24 * HOUR],
  [TEN, TEN + 1, 500, 1],
])('from %d to %d in %d points: buckets of %d ms', (from, to, points, intervalMs) => {
  expect(bucketInterval(from, to, points)).toBe(intervalMs);
});

test('never more buckets than points, whatever the range', () => {
  const time = fc.integer({ min: 0, max: 8_640_000_000_000 });
  fc.assert(
    fc.property(
      time,
      fc.integer({ min: 1, max: 400 * 24 * HOUR }),
      fc.integer({ min: 1, max: 10_000 }),
      (from, ms, points) => {
        const width = bucketInterval(from, from + ms, points);
        const buckets = Math.floor((from + ms - 1) / width) - Math.floor(from / width) + 1;
        expect(buckets).toBeLessThanOrEqual(points);
      },
    ),
  );
});
