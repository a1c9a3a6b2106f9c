import { expect, it } from 'vitest';
import { rate, syncMs } from './figures.js';

const NBSP = '\u00a0';

it('figures are as exact as they are known', () => {
  expect([rate(0), rate(0.25), rate(4.26), rate(4_310)]).toEqual(['0', '0.3', '4.3', '4,310']);
  expect([syncMs(1.14), syncMs(38.2)]).toEqual([`1.1${NBSP}ms`, `38${NBSP}ms`]);
});
