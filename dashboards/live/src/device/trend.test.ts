import { describe, expect, it } from 'vitest';
import { trendOf } from './trend.js';

const line = (...means: number[]) =>
  means.map((mean, i) => ({ t: i * 1_000, mean, min: mean, max: mean, count: 1 }));

describe('trendOf', () => {
  it('says which way the end goes', () => {
    expect(trendOf(line(1, 2, 3, 4, 5), 1)).toBe('rising');
    expect(trendOf(line(5, 4, 3, 2, 1), 1)).toBe('falling');
  });

  it('takes noise for steady, and says nothing of too little', () => {
    expect(trendOf(line(5, 5.1, 5, 5.1), 1)).toBe('steady');
    expect(trendOf(line(1, 9), 1)).toBeUndefined();
  });
});
