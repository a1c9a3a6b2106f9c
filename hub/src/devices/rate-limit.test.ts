import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit.js';

describe('a clock that is set back', () => {
  it('holds nothing up', () => {
    const limit = new RateLimit(100, 1, 10_000);
    expect(limit.tryTake(10_000)).toBe(true);
    expect(limit.tryTake(5_000)).toBe(false);
    expect(limit.tryTake(5_010)).toBe(true);
  });
});

describe('RateLimit', () => {
  it('lets a burst in, then says how long to wait', () => {
    const limit = new RateLimit(100, 3, 0);
    expect([1, 2, 3, 4, 5].map(() => limit.take(0))).toEqual([0, 0, 0, 10, 20]);
    expect(limit.take(30)).toBe(0);
  });

  it('drops what may be dropped, and charges nothing for it', () => {
    const limit = new RateLimit(100, 1, 0);
    expect([limit.tryTake(0), limit.tryTake(0), limit.tryTake(9), limit.tryTake(10)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('takes what came together as a whole or not at all', () => {
    const limit = new RateLimit(100, 5, 0);
    expect([limit.takeTogether(3, 0), limit.takeTogether(3, 0), limit.takeTogether(2, 0)]).toEqual([
      0, 10, 0,
    ]);
    expect([limit.takeTogether(1, 9), limit.takeTogether(1, 10)]).toEqual([1, 0]);
  });

  it('lets more than the burst in when the bucket is full, and makes what follows wait for all of it', () => {
    const limit = new RateLimit(100, 5, 0);
    expect([limit.takeTogether(8, 0), limit.takeTogether(1, 0)]).toEqual([0, 40]);
    expect([limit.takeTogether(8, 79), limit.takeTogether(8, 80)]).toEqual([1, 0]);
  });

  it('does not limit at all at 0', () => {
    const limit = new RateLimit(0, 1, 0);
    for (let n = 0; n < 1_000; n++) {
      expect([limit.take(0), limit.tryTake(0), limit.takeTogether(9, 0)]).toEqual([0, true, 0]);
    }
  });

  it('never lets more in than the burst and what time has earned', () => {
    const steps = fc.array(fc.nat(50), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 50 }),
        (waits, rate, burst) => {
          const limit = new RateLimit(rate, burst, 0);
          let now = 0;
          let taken = 0;
          for (const wait of waits) {
            now += wait;
            if (limit.tryTake(now)) taken++;
          }
          expect(taken).toBeLessThanOrEqual(burst + (now * rate) / 1000 + 1e-6);
        },
      ),
    );
  });
});
