import { decimalsFor, NBSP, num } from '../format/number.js';
import { brief } from '../format/size.js';

/** "1.1 ms": to two figures, as exactly as a histogram knows. */
export const syncMs = (ms: number): string => `${num(ms, ms < 10 ? 1 : 0)}${NBSP}ms`;
/** "4,310", "0.5": a rate that is read at a glance. */
export const rate = (perSecond: number): string =>
  perSecond >= 10 || perSecond === 0 ? brief(perSecond) : num(perSecond, Math.min(1, decimalsFor(perSecond)));
