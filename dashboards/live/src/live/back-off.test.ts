import { describe, expect, it } from 'vitest';
import { backOffMs } from './back-off.js';

describe('backOffMs', () => {
  it('doubles up to 15 s', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((tries) => backOffMs(tries, 0.5))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
  });

  it('spreads by a quarter', () => {
    expect(backOffMs(3, 0)).toBe(3_000);
    expect(backOffMs(3, 1)).toBe(5_000);
  });
});
