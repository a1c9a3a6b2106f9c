import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestDelay, parseRetryAfter, reconnectDelay } from './backoff.js';

const range = fc
  .tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 100_000 }))
  .map(([minMs, more]) => ({ minMs, maxMs: minMs + more }));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('reconnectDelay', () => {
  it('stays within the range', () => {
    fc.assert(
      fc.property(range, fc.nat(2_000), chance, (limits, attempt, luck) => {
        const delay = reconnectDelay(attempt, limits, () => luck);
        expect(delay).toBeGreaterThanOrEqual(limits.minMs);
        expect(delay).toBeLessThanOrEqual(limits.maxMs);
        expect(longestDelay(limits, () => luck)).toBeLessThanOrEqual(limits.maxMs);
      }),
    );
  });

  it('is never shorter than the hub asks, and does not believe more than an hour', () => {
    fc.assert(
      fc.property(range, fc.nat(3_600_000), chance, (limits, retryAfterMs, luck) => {
        const delay = reconnectDelay(0, limits, () => luck, retryAfterMs);
        expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
        expect(delay).toBeLessThanOrEqual(retryAfterMs + limits.minMs);
      }),
    );
    expect(reconnectDelay(0, { minMs: 1, maxMs: 2 }, () => 0, 1e12)).toBe(3_600_000);
  });
});

describe('parseRetryAfter', () => {
  it.each([
    ['5', 5_000],
    ['0', 0],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 30_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    [undefined, undefined],
  ])('reads %j', (header, expected) => {
    expect(parseRetryAfter(header, 30_000)).toBe(expected);
  });
});
