import { describe, expect, it } from 'vitest';
import { TakeoverLimit } from './takeover-limit.js';

describe('TakeoverLimit', () => {
  it('allows ten a minute for each device', () => {
    const limit = new TakeoverLimit();
    const [a, b] = [{}, {}];
    for (let n = 0; n < 10; n++) {
      expect(limit.waitMs(a, n)).toBe(0);
      limit.count(a, n);
    }
    expect(limit.waitMs(a, 1_000)).toBe(59_000);
    expect(limit.waitMs(b, 1_000)).toBe(0);
    expect(limit.waitMs(a, 60_000)).toBe(0);
  });
});
