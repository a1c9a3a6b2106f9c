import type { Value } from '@fieldline/journal';
import type { InfluxClient } from '../../sinks/influx/client.js';
import { identifier } from '../../sinks/influx/quoting.js';
import { type DeviceTerm, fromClause, type Source, whereClause } from './source.js';

/** One value. */
export interface Row {
  readonly metric: string;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly value: Value;
}

export interface RowQuestion {
  readonly client: InfluxClient;
  readonly device: DeviceTerm;
  /** µs since 1970, inclusive. */
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** How many rows of a source are in memory at a time, at the most. */
  readonly pageRows: number;
  readonly signal?: AbortSignal;
}

/** How many cells a page may have, whatever the number of fields. */
const PAGE_CELLS = 60_000;

/** The values of all sources in order of time; of equal times always in the same order. */
export async function* rows(question: RowQuestion, sources: readonly Source[]): AsyncGenerator<Row> {
  const heads: { rest: AsyncGenerator<Row>; row: Row }[] = [];
  for (const source of sources) {
    if (source.fields.length === 0) continue;
    const rest = rowsOf(question, source);
    const { value, done } = await rest.next();
    if (done !== true) heads.push({ rest, row: value });
  }
  while (heads.length > 0) {
    let first = 0;
    for (let at = 1; at < heads.length; at++) {
      if ((heads[at]?.row.time ?? 0) < (heads[first]?.row.time ?? 0)) first = at;
    }
    const head = heads[first];
    if (head === undefined) return;
    yield head.row;
    const { value, done } = await head.rest.next();
    if (done === true) heads.splice(first, 1);
    else head.row = value;
  }
}

async function* rowsOf(question: RowQuestion, source: Source): AsyncGenerator<Row> {
  const { client, device, toUs, signal } = question;
  const { fields } = source;
  const names = fields.map(({ name }) => identifier(name)).join(', ');
  const limit = Math.max(1, Math.min(question.pageRows, Math.floor(PAGE_CELLS / fields.length)));
  let fromUs = question.fromUs;
  let skip = 0;
  for (;;) {
    const text =
      `SELECT ${names} ${fromClause(source, 'raw')} ${whereClause(device, { from: fromUs, to: toUs })} ` +
      `ORDER BY time ASC LIMIT ${limit} OFFSET ${skip}`;
    const { placeholders } = device;
    const [series = []] = await client.query(text, { placeholders, ...(signal && { signal }) });
    let count = 0;
    let mayBeMore = false;
    for (const { values, isPartial } of series) {
      mayBeMore ||= isPartial;
      for (const [time, ...cells] of values) {
        const timeUs = Number(time);
        count++;
        skip = timeUs === fromUs ? skip + 1 : 1;
        fromUs = timeUs;
        for (const [at, { metric }] of fields.entries()) {
          const value = cells[at] ?? null;
          if (value !== null) yield { metric, time: timeUs, value };
        }
      }
    }
    if (count === 0 || (count < limit && !mayBeMore)) return;
    signal?.throwIfAborted();
  }
}
