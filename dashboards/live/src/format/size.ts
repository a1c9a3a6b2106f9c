import { NBSP, num } from './number.js';

const STEPS = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
  [1e3, 'kB'],
] as const;

/** A size in decimal units, to two or three figures: 412 MB, 4.3 GB, 0 B. */
export function size(bytes: number): string {
  for (const [step, unit] of STEPS) {
    // What would be written 1,000 of a unit is 1 of the next.
    if (bytes >= step * 0.9995) return `${figures(bytes / step)}${NBSP}${unit}`;
  }
  return `${num(bytes, 0)}${NBSP}B`;
}

/** A count that is read at a glance: 12, 4,310, 24.1 k, 1.2 M. */
export function brief(count: number): string {
  if (count >= 999_500_000) return `${figures(count / 1e9)}${NBSP}G`;
  if (count >= 999_500) return `${figures(count / 1e6)}${NBSP}M`;
  if (count >= 10_000) return `${figures(count / 1e3)}${NBSP}k`;
  return num(count, 0);
}

function figures(value: number): string {
  return num(value, value < 99.95 && Math.abs(value - Math.round(value)) >= 0.05 ? 1 : 0);
}
