import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketSeries } from './bucket-series.js';

const STEP = 1_000;
const all = (series: BucketSeries) => series.between(0, Number.MAX_SAFE_INTEGER);

describe('BucketSeries', () => {
  it('joins a live reading with the last bucket of history', () => {
    const series = new BucketSeries(STEP);
    series.seed([
      [1_000, 10, 9, 11, 4],
      [2_000, 20, 20, 20, 1],
    ]);
    series.add(2_900, 23);
    series.add(3_000, 5);
    expect(all(series)).toEqual([
      { t: 1_000, mean: 10, min: 9, max: 11, count: 4 },
      { t: 2_000, mean: 21.5, min: 20, max: 23, count: 2 },
      { t: 3_000, mean: 5, min: 5, max: 5, count: 1 },
    ]);
  });

  it('has no seam: history of some readings and the rest live equal all of them in one', () => {
    const reading = fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: -1_000, max: 1_000 }));
    fc.assert(
      fc.property(fc.array(reading), fc.nat(), (readings, cut) => {
        const at = readings.length === 0 ? 0 : cut % (readings.length + 1);
        const whole = new BucketSeries(STEP);
        for (const [t, v] of readings) whole.add(t, v);
        const past = new BucketSeries(STEP);
        for (const [t, v] of readings.slice(0, at)) past.add(t, v);
        const seamed = new BucketSeries(STEP);
        seamed.seed(all(past).map(({ t, mean, min, max, count }) => [t, mean, min, max, count] as const));
        for (const [t, v] of readings.slice(at)) seamed.add(t, v);
        const [a, b] = [all(whole), all(seamed)];
        expect(b.map(({ mean: _, ...rest }) => rest)).toEqual(a.map(({ mean: _, ...rest }) => rest));
        a.forEach(({ mean }, i) => {
          expect(b[i]?.mean).toBeCloseTo(mean, 6);
        });
      }),
    );
  });

  it('stays in order whatever comes late', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), (times) => {
        const series = new BucketSeries(STEP);
        for (const t of times) series.add(t, 1);
        const starts = all(series).map(({ t }) => t);
        expect(starts).toEqual(
          [...new Set(times.map((t) => Math.floor(t / STEP) * STEP))].sort((a, b) => a - b),
        );
      }),
    );
  });

  it('gives the buckets that touch a range', () => {
    const series = new BucketSeries(STEP);
    for (const t of [0, 1_000, 2_000, 3_000]) series.add(t, t);
    expect(series.between(1_500, 3_000).map(({ t }) => t)).toEqual([1_000, 2_000]);
  });

  it('finds what is nearest to the crosshair, within reach', () => {
    const series = new BucketSeries(STEP);
    series.add(1_000, 1);
    series.add(9_000, 9);
    expect(series.near(1_400, 0)?.t).toBe(1_000);
    expect(series.near(5_600, 0)).toBeUndefined();
    expect(series.near(5_600, 5_000)?.t).toBe(9_000);
    expect(new BucketSeries(STEP).near(0, 1e9)).toBeUndefined();
  });

  it('forgets what has scrolled off', () => {
    const series = new BucketSeries(STEP);
    for (const t of [0, 1_000, 2_000]) series.add(t, t);
    series.trim(2_000);
    expect(all(series).map(({ t }) => t)).toEqual([1_000, 2_000]);
  });
});
