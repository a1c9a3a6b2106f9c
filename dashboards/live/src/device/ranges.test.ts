import { describe, expect, it } from 'vitest';
import { DEFAULT_SPAN_MS, fittingSpan, RANGES, rangeName, spanOf } from './ranges.js';

describe('ranges in the address', () => {
  it('come back as they went', () => {
    for (const { spanMs } of RANGES) expect(spanOf(rangeName(spanMs))).toBe(spanMs);
  });

  it('fit the age of what was read', () => {
    expect(fittingSpan(0)).toBe(300_000);
    expect(fittingSpan(300_001)).toBe(3_600_000);
    expect(fittingSpan(1e12)).toBe(RANGES.at(-1)?.spanMs);
  });

  it('fall back to the default', () => {
    expect(spanOf('2y')).toBe(DEFAULT_SPAN_MS);
    expect(rangeName(DEFAULT_SPAN_MS)).toBeNull();
    expect(rangeName(12_345)).toBe('12s');
  });
});
