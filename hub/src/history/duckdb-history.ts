import type { Value } from '@fieldline/journal';
import type { HistoryPoint } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import type { BucketColumns, BucketFunction, SeriesRow } from '../sinks/duckdb/calls.js';
import { failureOf } from '../sinks/duckdb/failure.js';
import type { DuckDbStore } from '../sinks/duckdb/store.js';
import type { ExportQuery, ExportRow, History, HistoryAnswer, HistoryQuery } from './history.js';
import { bucketInterval } from './interval.js';
import { decodePageCursor, encodePageCursor, type RowCursor } from './page-cursor.js';

/** Rows of an export that are in memory at a time. */
const EXPORT_PAGE_ROWS = 20_000;

/**
 * Reads the embedded history back.
 *
 * Buckets begin at multiples of the interval since 1970; the first point's `t` is `from` where its bucket
 * begins before it, since only readings of the asked range count. A boolean counts as 0 or 1 in `mean`, `min`,
 * `max` and `sum`. A metric that was retyped is one series here: `last`, `count` and `raw` take all its
 * values, the others its numbers and booleans.
 */
export class DuckDbHistory implements History {
  readonly #store: DuckDbStore;

  constructor(store: DuckDbStore) {
    this.#store = store;
  }

  /** @throws FieldlineError `bad_aggregate`, `bad_cursor` (422), `history_timeout`, `history_unavailable` (503) */
  async query(query: HistoryQuery): Promise<HistoryAnswer> {
    const series = this.#store.seriesOf(query.device, query.metric);
    if (query.aggregate === 'raw') return this.#raw(query, series);
    const numeric = series.filter(({ kind }) => kind !== 'string');
    const anyKind = query.aggregate === 'last' || query.aggregate === 'count';
    if (!anyKind && series.length > 0 && numeric.length === 0) {
      throw new FieldlineError(
        'bad_aggregate',
        `aggregate: ${query.metric} holds texts, which have only last, count and raw`,
        { status: 422 },
      );
    }
    return this.#buckets(query, query.aggregate, anyKind ? series : numeric);
  }

  /** Rows in order of time; a page of them is in memory at a time, and no transaction stays open between. */
  async *export(query: ExportQuery, signal?: AbortSignal): AsyncIterable<ExportRow> {
    const series = this.#store.seriesOf(query.device, query.metric).map(({ id }) => id);
    const toUs = microseconds(query.to);
    let at: RowCursor | null = { kind: 'row', timeUs: microseconds(query.from), skip: 0 };
    while (at !== null && series.length > 0) {
      signal?.throwIfAborted();
      const page: RowPage = await this.#rows(series, at, toUs, EXPORT_PAGE_ROWS);
      for (const row of page.rows) yield { device: query.device, ...row };
      at = page.next;
    }
  }

  bytes(): number {
    return this.#store.bytes();
  }

  /** Whether the metric of the device was ever stored. */
  knows(device: string, metric: string): boolean {
    return this.#store.seriesOf(device, metric).length > 0;
  }

  async #buckets(
    query: HistoryQuery,
    aggregate: BucketFunction,
    series: readonly SeriesRow[],
  ): Promise<HistoryAnswer> {
    const after = query.cursor === undefined ? null : decodePageCursor(query.cursor, 'bucket');
    const interval = after?.intervalMs ?? bucketInterval(query.from, query.to, query.points);
    const from = Math.max(query.from, after?.startMs ?? query.from);
    if (series.length === 0 || from >= query.to) return { interval, points: [], next: null };
    const columns = await answered(
      this.#store.buckets({
        series: series.map(({ id }) => id),
        fromUs: microseconds(from),
        toUs: microseconds(query.to),
        intervalUs: interval * 1000,
        function: aggregate,
        limit: query.limit + 1,
      }),
    );
    const points = this.#points(columns, from);
    const more = points.length > query.limit ? points.pop() : undefined;
    const next =
      more === undefined
        ? null
        : encodePageCursor({ kind: 'bucket', intervalMs: interval, startMs: more[0] });
    return { interval, points, next };
  }

  #points(columns: BucketColumns, from: number): HistoryPoint[] {
    const { min, max, count } = columns;
    return Array.from(columns.start, (startUs, row): HistoryPoint => {
      const t = Math.max(from, startUs / 1000);
      const value = columns.value[row] ?? 0;
      if (min !== null && max !== null && count !== null) {
        return [t, value, min[row] ?? value, max[row] ?? value, count[row] ?? 0];
      }
      const series = columns.series?.[row];
      return [t, series === undefined ? value : this.#value(series, value, columns.text?.[row])];
    });
  }

  async #raw(query: HistoryQuery, series: readonly SeriesRow[]): Promise<HistoryAnswer> {
    const at: RowCursor =
      query.cursor === undefined
        ? { kind: 'row', timeUs: microseconds(query.from), skip: 0 }
        : decodePageCursor(query.cursor, 'row');
    if (series.length === 0) return { interval: 0, points: [], next: null };
    const ids = series.map(({ id }) => id);
    const { rows, next } = await this.#rows(ids, at, microseconds(query.to), query.limit);
    return {
      interval: 0,
      points: rows.map(({ time, value }): HistoryPoint => [Math.floor(time / 1000), value]),
      next: next === null ? null : encodePageCursor(next),
    };
  }

  async #rows(series: readonly number[], at: RowCursor, toUs: number, limit: number): Promise<RowPage> {
    const columns = await answered(
      this.#store.rows({ series, fromUs: at.timeUs, toUs, skip: at.skip, limit: limit + 1 }),
    );
    const rows = Array.from(columns.time, (time, row) => {
      const id = columns.series[row] ?? 0;
      return {
        metric: this.#store.series(id)?.metric ?? '',
        time,
        value: this.#value(id, columns.value[row] ?? 0, columns.text?.[row]),
      };
    });
    if (rows.length <= limit) return { rows, next: null };
    rows.pop();
    const timeUs = rows.at(-1)?.time ?? at.timeUs;
    const same = rows.length - rows.findIndex(({ time }) => time === timeUs);
    return { rows, next: { kind: 'row', timeUs, skip: timeUs === at.timeUs ? at.skip + same : same } };
  }

  #value(series: number, value: number, text: string | null | undefined): Value {
    switch (this.#store.series(series)?.kind) {
      case 'string':
        return text ?? '';
      case 'boolean':
        return value === 1;
      default:
        return value;
    }
  }
}

interface RowPage {
  readonly rows: readonly Omit<ExportRow, 'device'>[];
  readonly next: RowCursor | null;
}

/** Beyond it neither a double nor DuckDB's TIMESTAMP counts microseconds. The year 2243. */
const LAST_US = 8_640_000_000_000_000;

function microseconds(timeMs: number): number {
  return Math.max(-LAST_US, Math.min(LAST_US, Math.floor(timeMs) * 1000));
}

/** Maps a failure of the store to what the API answers. */
async function answered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const { kind, message } = failureOf(error);
    if (kind === 'timeout' || kind === 'busy') {
      throw new FieldlineError('history_timeout', `The history did not answer in time: ${message}.`, {
        status: 503,
        retryAfterMs: 5_000,
        cause: error,
      });
    }
    if (kind === 'damaged') {
      const told = `The history file is damaged where this query reads: ${message}`;
      throw new FieldlineError('history_damaged', told, { status: 500, cause: error });
    }
    throw new FieldlineError('history_unavailable', `The history cannot be read now: ${message}`, {
      status: 503,
      retryAfterMs: 5_000,
      cause: error,
    });
  }
}
