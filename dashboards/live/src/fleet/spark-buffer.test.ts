import { describe, expect, it } from 'vitest';
import { SPARK_BUCKET_MS, SPARK_BUCKETS, SPARK_MS, SparkBuffer } from './spark-buffer.js';

const NOW = 100 * SPARK_MS;

describe('SparkBuffer', () => {
  it('keeps the means of the last half hour, oldest first', () => {
    const buffer = new SparkBuffer();
    buffer.add(NOW, 1);
    buffer.add(NOW + 1, 3);
    buffer.add(NOW - SPARK_BUCKET_MS, 7);
    const means = buffer.means(NOW);
    expect(means).toHaveLength(SPARK_BUCKETS);
    expect(means.slice(-2)).toEqual([7, 2]);
    expect(means.slice(0, -2).every((mean) => mean === undefined)).toBe(true);
  });

  it('scrolls, and takes nothing that has scrolled off', () => {
    const buffer = new SparkBuffer();
    buffer.add(NOW, 1);
    buffer.add(NOW - SPARK_MS, 9);
    expect(buffer.means(NOW).at(-1)).toBe(1);
    expect(buffer.means(NOW + SPARK_MS).every((mean) => mean === undefined)).toBe(true);
  });

  it('takes history in place of what live values put there', () => {
    const buffer = new SparkBuffer();
    buffer.add(NOW, 100);
    buffer.seed(NOW, 5, 3);
    buffer.add(NOW, 9);
    expect(buffer.means(NOW).at(-1)).toBe(6);
  });
});
