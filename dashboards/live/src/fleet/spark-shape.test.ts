import { describe, expect, it } from 'vitest';
import type { Limit } from '../format/metric.js';
import { SPARK_HEIGHT, SPARK_WIDTH, type SparkLook, sparkShape } from './spark-shape.js';

const LOOK: SparkLook = { interval: 1_000, quiet: false, steps: false, limits: [] };
const limit = (kind: Limit['kind'], side: Limit['side'], at: number): Limit => ({ kind, side, at, hold: '' });

describe('sparkShape', () => {
  it('is nothing where nothing was read', () => {
    expect(sparkShape([undefined, undefined], LOOK)).toBeUndefined();
  });

  it('goes from the lowest value at the bottom to the highest at the top, and ends with a dot', () => {
    const shape = sparkShape([10, 30, 20], LOOK);
    expect(shape?.line).toBe('M1 20L59 4L117 12');
    expect(shape?.dot).toBe('M117 12h0');
    expect(shape?.unknownFrom).toBeUndefined();
  });

  it('joins nothing across a gap, and steps where there is nothing between two states', () => {
    const gap = [1, 2, ...Array.from({ length: 4 }, () => undefined), 1];
    expect(sparkShape(gap, LOOK)?.line.match(/M/g)).toHaveLength(2);
    // With a reading each minute two empty buckets are no gap.
    expect(sparkShape(gap, { ...LOOK, interval: 60_000 })?.line.match(/M/g)).toHaveLength(1);
    expect(sparkShape([0, 1, 1], { ...LOOK, steps: true })?.line).toBe('M1 20H59V4H117V4');
  });

  it('does not make drama of noise', () => {
    const ys = sparkShape([100, 100.01], LOOK)?.line.match(/[\d.]+$/);
    expect(Number(ys?.[0])).toBeGreaterThan(SPARK_HEIGHT / 2 - 1);
  });

  it('tells which part of the box lies beyond a limit that the line reaches into, and no other', () => {
    const limits = [limit('warn', 'above', 15), limit('alarm', 'above', 40), limit('warn', 'below', 12.5)];
    expect(sparkShape([10, 20], { ...LOOK, limits })?.beyond).toEqual([
      { kind: 'warn', top: 0, height: 12 },
      { kind: 'warn', top: 16, height: 8 },
    ]);
    // All of it lies beyond: the whole box does.
    const all = [limit('alarm', 'above', 5)];
    expect(sparkShape([10, 20], { ...LOOK, limits: all })?.beyond).toEqual([
      { kind: 'alarm', top: 0, height: SPARK_HEIGHT },
    ]);
  });

  it('of a quiet device has no dot and no limit, and says since when nothing is known', () => {
    const limits = [limit('alarm', 'above', 5)];
    const shape = sparkShape([10, 20, undefined, undefined, undefined], { ...LOOK, quiet: true, limits });
    expect(shape?.dot).toBeUndefined();
    expect(shape?.beyond).toEqual([]);
    expect(shape?.unknownFrom).toBeCloseTo((30 + 3) / SPARK_WIDTH);
    // Too narrow to be seen.
    const narrow = sparkShape([...Array.from({ length: 59 }, () => 1), undefined], { ...LOOK, quiet: true });
    expect(narrow?.unknownFrom).toBeUndefined();
  });
});
