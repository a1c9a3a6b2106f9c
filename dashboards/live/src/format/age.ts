import { NBSP } from './number.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, growing coarser as it grows: now, 7 s, 4 min, 3 h, 2 d. */
export function age(ms: number): string {
  if (ms < 1000) return 'now';
  if (ms < 100_000) return `${Math.floor(ms / 1000)}${NBSP}s`;
  if (ms < 1.5 * HOUR) return `${Math.round(ms / MINUTE)}${NBSP}min`;
  if (ms < 1.5 * DAY) return `${Math.round(ms / HOUR)}${NBSP}h`;
  return `${Math.round(ms / DAY)}${NBSP}d`;
}

/** A length of time that was chosen, such as a bucket or an interval: 250 ms, 5 s, 2 min, 1.5 h. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}${NBSP}ms`;
  if (ms < MINUTE) return `${trim(ms / 1000)}${NBSP}s`;
  if (ms < HOUR) return `${trim(ms / MINUTE)}${NBSP}min`;
  if (ms < DAY) return `${trim(ms / HOUR)}${NBSP}h`;
  return `${trim(ms / DAY)}${NBSP}d`;
}

function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}
