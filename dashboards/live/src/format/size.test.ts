import { describe, expect, it } from 'vitest';
import { brief, size } from './size.js';

const NBSP = '\u00a0';

describe('size', () => {
  it.each([
    [0, `0${NBSP}B`],
    [999, `999${NBSP}B`],
    [999.9, `1${NBSP}kB`],
    [4_300, `4.3${NBSP}kB`],
    [412_000_000, `412${NBSP}MB`],
    [999_999_999, `1${NBSP}GB`],
    [20e9, `20${NBSP}GB`],
    [1.5e12, `1.5${NBSP}TB`],
  ])('%d bytes are %s', (bytes, text) => expect(size(bytes)).toBe(text));
});

describe('brief', () => {
  it.each([
    [0, '0'],
    [4_310, '4,310'],
    [9_999, '9,999'],
    [24_100, `24.1${NBSP}k`],
    [999_499, `999${NBSP}k`],
    [999_500, `1${NBSP}M`],
    [1_200_000, `1.2${NBSP}M`],
    [1e9, `1${NBSP}G`],
  ])('%d is %s', (count, text) => expect(brief(count)).toBe(text));
});
