import { describe, expect, it } from 'vitest';
import { counted, decimalsFor, decimalsOfStep, num } from './number.js';

describe('num', () => {
  it('has a true minus, groups of three, and the decimals asked for', () => {
    expect(num(-1234.56, 1)).toBe('\u22121,234.6');
    expect(num(20, 2)).toBe('20.00');
  });

  it('never says minus nought', () => {
    expect(num(-0.04, 1)).toBe('0.0');
    expect(num(-0, 0)).toBe('0');
    expect(num(-0.05, 1)).toBe('\u22120.1');
  });
});

describe('decimals', () => {
  it('shows about four significant figures of a metric without a profile', () => {
    expect([12, 1234.5, 229.83, 3.4567, 0.12345].map(decimalsFor)).toEqual([0, 0, 1, 2, 3]);
  });

  it('gives tick labels what their distance needs', () => {
    expect([5, 0.5, 0.25, 2.5, 100, 0.001].map(decimalsOfStep)).toEqual([0, 1, 2, 1, 0, 3]);
  });
});

describe('counted', () => {
  it('keeps figure and word together', () => {
    expect(counted(1, 'device', 'devices')).toBe('1\u00a0device');
    expect(counted(10_000, 'device', 'devices')).toBe('10,000\u00a0devices');
  });
});
