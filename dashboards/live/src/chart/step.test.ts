import { describe, expect, it } from 'vitest';
import { stepFor, tickFor } from './step.js';

const HOUR = 3_600_000;

describe('stepFor', () => {
  it('keeps a bucket at 3 px or more', () => {
    for (const span of [300_000, HOUR, 6 * HOUR, 24 * HOUR, 168 * HOUR, 720 * HOUR]) {
      for (const width of [280, 700, 1_500]) {
        expect((stepFor(span, width) / span) * width).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it('is as fine as that allows', () => {
    expect(stepFor(HOUR, 720)).toBe(15_000);
    expect(stepFor(6 * HOUR, 720)).toBe(120_000);
  });
});

describe('tickFor', () => {
  it('leaves room for each label', () => {
    expect(tickFor(HOUR, 720)).toBe(600_000);
    expect(tickFor(168 * HOUR, 720)).toBe(24 * HOUR);
  });
});
