import type { Limit } from '../format/metric.js';
import type { Bucket } from './bucket-series.js';

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A limit belongs in the picture when it is within this part of the data's span. */
const LIMIT_REACH = 0.45;
/** Room above and below, as a part of the whole. */
const MARGIN = 0.08;

/** The least span of a metric, so that noise is not drama: ten steps of its last shown digit. */
export function leastSpan(decimals: number | null, buckets: readonly Bucket[]): number {
  if (decimals !== null) return 10 * 10 ** -decimals;
  const size = Math.max(0, ...buckets.map(({ mean }) => Math.abs(mean)));
  return size > 0 ? size * 0.005 : 1;
}

/** Lowest to highest in view plus 8 %, never less than the least span, with the limits that are near. */
export function rangeOf(buckets: readonly Bucket[], limits: readonly Limit[], least: number): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { min, max } of buckets) {
    if (min < low) low = min;
    if (max > high) high = max;
  }
  if (low > high) return { low: 0, high: 1 };
  const reach = Math.max(high - low, least) * LIMIT_REACH;
  const [dataLow, dataHigh] = [low, high];
  for (const { at } of limits) {
    if (at > dataHigh && at < dataHigh + reach) high = Math.max(high, at);
    if (at < dataLow && at > dataLow - reach) low = Math.min(low, at);
  }
  const span = Math.max(high - low, least) * (1 + 2 * MARGIN);
  const middle = (low + high) / 2;
  return { low: middle - span / 2, high: middle + span / 2 };
}

/** Round figures inside the range: as many as can be, at most `most`. */
export function ticksOf({ low, high }: Range, most: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  for (const part of [1, 2, 2.5, 5, 10, 20]) {
    const step = part * power;
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    if (last - first + 1 > most) continue;
    return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
  }
  return [];
}
