import type { HistoryPoint } from '@fieldline/protocol';
import { InfluxError } from '../../sinks/influx/influx-error.js';
import type { BucketsQuestion } from './bucket-query.js';
import { Buckets } from './buckets.js';
import { rows } from './row-stream.js';

const PAGE_ROWS = 20_000;
/** Some ten seconds of reading. */
const MAX_ROWS = 2_000_000;

/**
 * Makes buckets from single readings, for numbers that InfluxDB cannot add up: it answers nothing at all when a sum is
 * beyond the range of numbers, and sums of integers wrap.
 * @throws InfluxError `timeout` when there are too many
 */
export async function countRows(question: BucketsQuestion): Promise<HistoryPoint[]> {
  const { client, device, sources, range, intervalMs, aggregate, limit } = question;
  const buckets = new Buckets();
  const seen = new Set<number>();
  let left = MAX_ROWS;
  const span = { fromUs: range.from * 1000, toUs: range.to * 1000, pageRows: PAGE_ROWS };
  for await (const { time, value } of rows({ client, device, ...span }, sources)) {
    const start = Math.floor(time / 1000 / intervalMs) * intervalMs;
    seen.add(start);
    if (seen.size > limit) break;
    if (left-- === 0)
      throw new InfluxError('timeout', `more than ${MAX_ROWS} readings would have to be added up`);
    if (typeof value === 'boolean')
      buckets.add(start, { count: 1, trues: value ? 1 : 0, last: value }, 0, true);
    else if (typeof value === 'string') buckets.add(start, { count: 1, last: value }, 0, false);
    else buckets.add(start, { count: 1, sum: value, min: value, max: value, last: value }, 0, false);
  }
  return buckets.points(aggregate, range.from, limit);
}
