import type { Reading } from '@fieldline/journal';
import type { Aggregate, HistoryPoint } from '@fieldline/protocol';

/** What a history has to answer for the numbers of metric `m`, computed in the most obvious way. */
export function aggregateNaively(
  readings: readonly Reading[],
  { from, to, aggregate }: { from: number; to: number; aggregate: Aggregate },
  intervalMs: number,
): HistoryPoint[] {
  const buckets = new Map<number, Reading[]>();
  for (const reading of [...readings].sort((a, b) => a.time - b.time)) {
    if (reading.time < from * 1000 || reading.time >= to * 1000) continue;
    const start = Math.floor(reading.time / 1000 / intervalMs) * intervalMs;
    buckets.set(start, [...(buckets.get(start) ?? []), reading]);
  }
  return Array.from(buckets, ([start, group]): HistoryPoint => {
    const values = group.map(({ values }) => Number(values.m));
    const t = Math.max(from, start);
    const sum = values.reduce((total, value) => total + value, 0);
    const min = Math.min(...values);
    const max = Math.max(...values);
    switch (aggregate) {
      case 'mean':
        return [t, sum / values.length, min, max, values.length];
      case 'min':
        return [t, min];
      case 'max':
        return [t, max];
      case 'sum':
        return [t, sum];
      case 'count':
        return [t, values.length];
      default:
        return [t, values.at(-1) ?? Number.NaN];
    }
  });
}
