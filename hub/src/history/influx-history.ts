import type { HistoryPoint } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import type { InfluxClient } from '../sinks/influx/client.js';
import type { Field, Fields } from '../sinks/influx/fields.js';
import { isGone } from '../sinks/influx/influx-error.js';
import type { InfluxAdmin } from '../sinks/influx/server.js';
import type { ExportQuery, ExportRow, History, HistoryAnswer, HistoryQuery } from './history.js';
import { askBuckets } from './influx/bucket-query.js';
import { countRows } from './influx/bucket-rows.js';
import type { BucketAggregate } from './influx/bucket-statements.js';
import { historyErrorOf, refuseVictoriaMetrics } from './influx/history-error.js';
import { MeasurementsOf } from './influx/measurements-of.js';
import { rows } from './influx/row-stream.js';
import { type DeviceTerm, deviceTerm, type Source } from './influx/source.js';
import { bucketInterval } from './interval.js';
import { decodePageCursor, encodePageCursor, type RowCursor } from './page-cursor.js';

export interface InfluxHistoryOptions {
  readonly client: InfluxClient;
  readonly admin: InfluxAdmin;
  readonly fields: Pick<Fields, 'measurements' | 'ofMetric' | 'ofMeasurement'>;
  /** Where readings of a device go at this moment. */
  readonly measurementOf: (device: string) => string;
  readonly now: () => number;
  /** See {@link plan}. */
  readonly leastRows?: number;
}

/** What is asked of one device, and where it is. */
interface Question {
  readonly device: DeviceTerm;
  readonly sources: readonly Source[];
}

/** Rows of an export that are in memory at a time. */
const EXPORT_PAGE_ROWS = 20_000;

/**
 * Reads back from InfluxDB, as DuckDbHistory does from its file: buckets begin at multiples of the interval since 1970, a
 * boolean counts as 0 or 1, and a metric that is held in several fields, or whose device changed its profile, is one
 * series. Long ranges are read from the rollups; where raw readings have expired, a point stands for as much time as
 * a row of the rollup does.
 *
 * InfluxDB holds one value for a field, a series and a time: of readings with equal times the last one written is left.
 */
export class InfluxHistory implements History {
  readonly #options: InfluxHistoryOptions;
  readonly #measurements: MeasurementsOf;

  constructor(options: InfluxHistoryOptions) {
    const { client, fields, measurementOf, now } = options;
    this.#options = options;
    this.#measurements = new MeasurementsOf({ client, fields, current: measurementOf, now });
  }

  /**
   * @throws FieldlineError `bad_aggregate`, `bad_cursor` (422), `history_timeout`, `history_unavailable` (503),
   *   `history_unsupported` (501)
   */
  query(query: HistoryQuery): Promise<HistoryAnswer> {
    return query.aggregate === 'raw' ? this.#raw(query) : this.#buckets(query, query.aggregate);
  }

  /** Rows in order of time; a page of them is in memory at a time. */
  async *export(query: ExportQuery, signal?: AbortSignal): AsyncIterable<ExportRow> {
    signal?.throwIfAborted();
    const { client } = this.#options;
    const { device } = query;
    try {
      const fieldsOf = (measurement: string) =>
        query.metric === undefined
          ? this.#options.fields.ofMeasurement(measurement)
          : this.#options.fields.ofMetric(measurement, query.metric);
      const { sources, device: term } = await this.#answered(() => this.#question(device, fieldsOf));
      const range = { fromUs: microseconds(query.from), toUs: microseconds(query.to) };
      const question = {
        client,
        device: term,
        ...range,
        pageRows: EXPORT_PAGE_ROWS,
        ...(signal && { signal }),
      };
      for await (const row of rows(question, sources)) yield { device, ...row };
    } catch (error) {
      throw historyErrorOf(error);
    }
  }

  /** It lives elsewhere. */
  bytes(): null {
    return null;
  }

  async #raw(query: HistoryQuery): Promise<HistoryAnswer> {
    const at: RowCursor =
      query.cursor === undefined
        ? { kind: 'row', timeUs: microseconds(query.from), skip: 0 }
        : decodePageCursor(query.cursor, 'row');
    const { client } = this.#options;
    return this.#answered(async () => {
      const { sources, device } = await this.#metric(query);
      const range = { fromUs: at.timeUs, toUs: microseconds(query.to) };
      const pageRows = query.limit + 1 + at.skip;
      const points: HistoryPoint[] = [];
      let skipped = 0;
      let next: RowCursor = at;
      for await (const row of rows({ client, device, ...range, pageRows }, sources)) {
        if (row.time === at.timeUs && skipped < at.skip) {
          skipped++;
          continue;
        }
        if (points.length === query.limit) return { interval: 0, points, next: encodePageCursor(next) };
        next = { kind: 'row', timeUs: row.time, skip: row.time === next.timeUs ? next.skip + 1 : 1 };
        points.push([Math.floor(row.time / 1000), row.value]);
      }
      return { interval: 0, points, next: null };
    });
  }

  async #buckets(query: HistoryQuery, aggregate: BucketAggregate): Promise<HistoryAnswer> {
    const after = query.cursor === undefined ? null : decodePageCursor(query.cursor, 'bucket');
    const interval = after?.intervalMs ?? bucketInterval(query.from, query.to, query.points);
    const range = { from: Math.max(query.from, after?.startMs ?? query.from, 0), to: query.to };
    return this.#answered(async () => {
      const question = await this.#metric(query);
      const { sources, device } = takeNumbers(question, aggregate);
      const points =
        range.from < range.to && sources.length > 0
          ? await this.#points(query, aggregate, interval, range, { sources, device })
          : [];
      if (points.length === 0 && after === null) await this.#refuseTexts(query, aggregate, question);
      const more = points.length > query.limit ? points.pop() : undefined;
      const next =
        more === undefined
          ? null
          : encodePageCursor({ kind: 'bucket', intervalMs: interval, startMs: more[0] });
      return { interval, points, next };
    });
  }

  async #points(
    query: HistoryQuery,
    aggregate: BucketAggregate,
    intervalMs: number,
    range: { from: number; to: number },
    { sources, device }: Question,
  ): Promise<HistoryPoint[]> {
    const { client, admin, leastRows } = this.#options;
    const question = {
      ...{ client, stores: admin, device, sources, range, intervalMs, aggregate },
      limit: query.limit + 1,
      ...(leastRows === undefined ? {} : { leastRows }),
    };
    // Numbers that InfluxDB cannot add up are added up here.
    return (await askBuckets(question)) ?? countRows(question);
  }

  /** @throws FieldlineError `bad_aggregate` when the device has only texts under this name */
  async #refuseTexts(query: HistoryQuery, aggregate: BucketAggregate, question: Question): Promise<void> {
    if (aggregate === 'last' || aggregate === 'count') return;
    const has = async (isText: boolean) => {
      const sources = narrowed(question.sources, ({ type }) => (type === 'string') === isText);
      const all = { fromUs: 0, toUs: microseconds(Number.POSITIVE_INFINITY), pageRows: 1 };
      for await (const _ of rows(
        { client: this.#options.client, device: question.device, ...all },
        sources,
      )) {
        return true;
      }
      return false;
    };
    if (!(await has(true)) || (await has(false))) return;
    throw new FieldlineError(
      'bad_aggregate',
      `aggregate: ${query.metric} holds texts, which have only last, count and raw`,
      { status: 422 },
    );
  }

  #metric({ device, metric }: HistoryQuery): Promise<Question> {
    return this.#question(device, (measurement) => this.#options.fields.ofMetric(measurement, metric));
  }

  async #question(id: string, fieldsOf: (measurement: string) => readonly Field[]): Promise<Question> {
    const { admin } = this.#options;
    const server = await admin.ready();
    if (server.kind === 'victoriametrics') refuseVictoriaMetrics();
    const device = deviceTerm(id, server.kind !== 'influxdb-3');
    const measurements = await this.#measurements.of(id, device);
    const sources = measurements.map((measurement) => ({
      measurement,
      fields: fieldsOf(measurement),
      policies: admin.policiesOf(measurement),
    }));
    return { device, sources: sources.filter(({ fields }) => fields.length > 0) };
  }

  /** Asks again, once, when the database or a policy is gone: it is made anew. */
  async #answered<T>(ask: () => Promise<T>): Promise<T> {
    try {
      try {
        return await ask();
      } catch (error) {
        if (!isGone(error)) throw error;
        this.#measurements.clear();
        await this.#options.admin.open();
        return await ask();
      }
    } catch (error) {
      throw historyErrorOf(error);
    }
  }
}

/** The sources without texts, unless the aggregate takes them. */
function takeNumbers({ device, sources }: Question, aggregate: BucketAggregate): Question {
  if (aggregate === 'last' || aggregate === 'count') return { device, sources };
  return { device, sources: narrowed(sources, ({ type }) => type !== 'string') };
}

function narrowed(sources: readonly Source[], keep: (field: Field) => boolean): Source[] {
  return sources
    .map((source) => ({ ...source, fields: source.fields.filter(keep) }))
    .filter(({ fields }) => fields.length > 0);
}

/** Beyond it neither a double nor InfluxDB counts microseconds. The year 2243. */
const LAST_US = 8_640_000_000_000_000;

function microseconds(timeMs: number): number {
  return Math.max(0, Math.min(LAST_US, Math.floor(timeMs) * 1000));
}
