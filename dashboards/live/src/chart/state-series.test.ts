import { describe, expect, it } from 'vitest';
import { StateSeries } from './state-series.js';

describe('StateSeries', () => {
  it('puts what comes late in its place, and takes a repeated moment as a correction', () => {
    const series = new StateSeries(0);
    series.seed([
      [1, 'a'],
      [3, 'c'],
    ]);
    series.add(2, 'b');
    series.add(3, 'd');
    expect(series.all()).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'd'],
    ]);
  });

  it('keeps the reading that says what the state was at the edge', () => {
    const series = new StateSeries(0);
    for (const t of [1, 2, 3, 4]) series.add(t, t > 2);
    series.trim(4);
    expect(series.all().map(([t]) => t)).toEqual([3, 4]);
  });
});
