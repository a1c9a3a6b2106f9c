import type { Bucket } from '../chart/bucket-series.js';

export type Trend = 'rising' | 'falling' | 'steady';

/** A change counts when it is this part of the metric's least span or of what is in view, whichever is more. */
const OF_LEAST = 0.25;
const OF_VIEW = 0.08;
/** The change is judged over this part of the range, at its end. */
const TAIL = 0.1;

/** Which way the newest readings go, judged by the buckets in view; undefined while there are too few. */
export function trendOf(buckets: readonly Bucket[], least: number): Trend | undefined {
  const last = buckets.at(-1);
  if (!last || buckets.length < 3) return undefined;
  const back = Math.max(1, Math.round(buckets.length * TAIL));
  const before = buckets[buckets.length - 1 - back];
  if (!before) return undefined;
  let low = last.min;
  let high = last.max;
  for (const { min, max } of buckets) {
    low = Math.min(low, min);
    high = Math.max(high, max);
  }
  const change = last.mean - before.mean;
  if (Math.abs(change) < Math.max(least * OF_LEAST, (high - low) * OF_VIEW)) return 'steady';
  return change > 0 ? 'rising' : 'falling';
}
