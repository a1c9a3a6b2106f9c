import type { SyncTimes } from '@fieldline/protocol';

/** How many values a histogram has counted up to each bound, and to the last one all of them. */
export type Buckets = readonly (readonly [bound: number, count: number])[];

/**
 * Median and 99th percentile of what a histogram counted between two looks, interpolated inside a bucket as
 * Prometheus' `histogram_quantile` does. Null where it counted nothing.
 * @param now in seconds, cumulative; the last bound is infinite
 * @param before the same histogram earlier; undefined for its start
 */
export function syncTimes(now: Buckets, before?: Buckets): SyncTimes {
  const counted = now.map(([bound, count], i) => [bound, count - (before?.[i]?.[1] ?? 0)] as const);
  const all = counted.at(-1)?.[1] ?? 0;
  if (all <= 0) return null;
  return { median: quantile(counted, 0.5 * all) * 1000, p99: quantile(counted, 0.99 * all) * 1000 };
}

function quantile(buckets: Buckets, rank: number): number {
  let low = 0;
  let below = 0;
  for (const [bound, count] of buckets) {
    if (count >= rank) {
      // Beyond the last bound nothing is known but that it was beyond.
      if (!Number.isFinite(bound)) return low;
      return low + ((bound - low) * (rank - below)) / Math.max(1, count - below);
    }
    low = bound;
    below = count;
  }
  return low;
}
