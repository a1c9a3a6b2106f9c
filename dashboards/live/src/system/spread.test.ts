import { expect, it } from 'vitest';
import { spread } from './spread.js';

it.each([
  [
    [10, 50],
    [10, 50],
  ],
  [
    [10, 12],
    [10, 24],
  ],
  [
    [95, 96, 97],
    [72, 86, 100],
  ],
  [
    [90, 120],
    [86, 100],
  ],
  [[], []],
])('%j become %j', (wanted, placed) => expect(spread(wanted, 14, 100)).toEqual(placed));
