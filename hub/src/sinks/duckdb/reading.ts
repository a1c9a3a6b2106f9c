import type { DuckDBConnection, DuckDBResultReader } from '@duckdb/node-api';
import type { BucketColumns, BucketsQuery, RowColumns, RowsQuery, SeriesRange } from './calls.js';
import type { SeriesIndex } from './series.js';
import { CONTENTS, type Content, type Tables } from './tables.js';

/** Dividing by a power of two keeps sums of the largest doubles finite without changing a digit. */
const SCALE = 2 ** 30;

/**
 * The SQL of the history. Only numbers and the names of our own tables go into it, so there is nothing to
 * escape; tables of other days are not even named.
 */
export class Reader {
  readonly #connection: DuckDBConnection;
  readonly #tables: Tables;
  readonly #series: SeriesIndex;

  constructor(connection: DuckDBConnection, tables: Tables, series: SeriesIndex) {
    this.#connection = connection;
    this.#tables = tables;
    this.#series = series;
  }

  async buckets(query: BucketsQuery): Promise<BucketColumns> {
    const result = await this.#run(this.#bucketsSql(query));
    const [start = [], value = [], ...rest] = result.getColumns();
    const mean = query.function === 'mean';
    const last = query.function === 'last';
    return {
      start: Float64Array.from(start, (bucket) => Number(bucket) * query.intervalUs),
      value: Float64Array.from(value, finite),
      series: last ? Int32Array.from(rest[0] ?? [], Number) : null,
      text: last ? textColumn(rest[1] ?? []) : null,
      min: mean ? Float64Array.from(rest[0] ?? [], Number) : null,
      max: mean ? Float64Array.from(rest[1] ?? [], Number) : null,
      count: mean ? Float64Array.from(rest[2] ?? [], Number) : null,
    };
  }

  async rows(query: RowsQuery): Promise<RowColumns> {
    // Sorted by the negative, since a column that is sorted by comes back without the sign of its −0.
    const result = await this.#run(`
      select epoch_us(ts)::DOUBLE, series, value, text from (${this.#union(query, CONTENTS)})
      order by ts, series, -value, text limit ${query.limit} offset ${query.skip}`);
    const [time = [], series = [], value = [], text = []] = result.getColumns();
    return {
      time: Float64Array.from(time, Number),
      series: Int32Array.from(series, Number),
      value: Float64Array.from(value, Number),
      text: textColumn(text),
    };
  }

  #bucketsSql(query: BucketsQuery): string {
    const bucket = `(epoch_us(ts) // ${query.intervalUs})::DOUBLE as bucket`;
    const end = `group by bucket order by bucket limit ${query.limit}`;
    const points = this.#union(query, ['points']);
    switch (query.function) {
      case 'count':
        return `select ${bucket}, count(*)::DOUBLE from (${this.#union(query, CONTENTS)}) ${end}`;
      case 'min':
      case 'max':
        return `select ${bucket}, ${query.function}(value) from (${points}) ${end}`;
      case 'sum':
        return `select ${bucket}, ${scaled('sum')} from (${points}) ${end}`;
      case 'mean':
        return `select ${bucket}, ${scaled('avg')}, min(value), max(value), count(*)::DOUBLE from (${points}) ${end}`;
      case 'last':
        // The newest row as a whole, because a metric that was retyped has its values in several series.
        return `select bucket, newest.value, newest.series, newest.text from (
          select ${bucket}, arg_max({value: value, series: series, text: text}, ts) as newest
          from (${this.#union(query, CONTENTS)}) ${end})`;
    }
  }

  /** All rows of the range as (ts, series, value, text). */
  #union(range: SeriesRange, contents: readonly Content[]): string {
    const parts = contents.flatMap((content) => {
      const ids = range.series.filter(
        (id) => (this.#series.get(id)?.kind === 'string') === (content === 'texts'),
      );
      if (ids.length === 0) return [];
      const columns =
        content === 'points' ? 'value, NULL::VARCHAR as text' : 'NULL::DOUBLE as value, value as text';
      const series = ids.length === 1 ? `series = ${ids[0]}` : `series in (${ids.join(',')})`;
      return this.#tables.covering(content, range.fromUs, range.toUs).map(
        (table) => `select ts, series, ${columns} from ${table} where ${series}
          and ts >= make_timestamp(${range.fromUs}) and ts < make_timestamp(${range.toUs})`,
      );
    });
    if (parts.length > 0) return parts.join(' union all ');
    return 'select NULL::TIMESTAMP as ts, 0 as series, NULL::DOUBLE as value, NULL::VARCHAR as text where false';
  }

  #run(sql: string): Promise<DuckDBResultReader> {
    return this.#connection.runAndReadAll(sql);
  }
}

/** `sum` or `avg`; computed at a smaller scale where it does not fit into a double. */
function scaled(aggregate: 'sum' | 'avg'): string {
  return `case when isfinite(${aggregate}(value)) then ${aggregate}(value)
    else ${aggregate}(value / ${SCALE}) * ${SCALE} end`;
}

/** A sum that no double can hold is the largest one: JSON has no infinity. */
function finite(value: unknown): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, Number(value)));
}

function textColumn(values: readonly unknown[]): (string | null)[] | null {
  if (values.every((value) => value === null)) return null;
  return values.map((value) => (typeof value === 'string' ? value : null));
}
