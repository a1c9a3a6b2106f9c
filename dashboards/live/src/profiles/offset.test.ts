import { expect, it } from 'vitest';
import { offsetOf } from './offset.js';

it.each([
  [1, 1, 0],
  [1, 3, 2],
  [2, 1, 3],
  [3, 1, 6],
  [9, 9, 7],
])('line %d, column %d is at %d', (line, column, at) => expect(offsetOf('ab\ncd\nx', line, column)).toBe(at));
