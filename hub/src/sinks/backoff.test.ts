import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff } from './backoff.js';

test('waits double up to the bound, each in the upper half of its range', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40), (random, failures) => {
      const backoff = new Backoff(() => random);
      const bounds = { minMs: 100, maxMs: 30_000 };
      for (let n = 0; n < failures; n++) backoff.next(bounds);
      const ceilingMs = Math.min(30_000, 100 * 2 ** failures);
      expect(backoff.next(bounds)).toBeGreaterThanOrEqual(ceilingMs / 2);
      backoff.reset();
      expect(backoff.next(bounds)).toBeLessThanOrEqual(100);
    }),
  );
});
