import type { HistoryPoint } from '@fieldline/protocol';
import type { InfluxClient } from '../../sinks/influx/client.js';
import type { Field } from '../../sinks/influx/fields.js';
import { InfluxError } from '../../sinks/influx/influx-error.js';
import { identifier } from '../../sinks/influx/quoting.js';
import type { Range } from '../../sinks/influx/ranges.js';
import { type BucketAggregate, type BucketStatement, bucketStatements } from './bucket-statements.js';
import { Buckets } from './buckets.js';
import { plan, type Segment, type Stores } from './plan.js';
import { type DeviceTerm, fromClause, type Source, whereClause } from './source.js';

export interface BucketsQuestion {
  readonly client: InfluxClient;
  readonly stores: Stores;
  readonly device: DeviceTerm;
  /** At least one. */
  readonly sources: readonly Source[];
  readonly range: Range;
  readonly intervalMs: number;
  readonly aggregate: BucketAggregate;
  /** How many points are given back at the most. */
  readonly limit: number;
  readonly leastRows?: number;
}

interface Ask {
  readonly statement: BucketStatement;
  readonly segment: number;
  readonly isBoolean: boolean;
}

/** Ties that are resolved in one request. */
const TIES_A_REQUEST = 100;

/** The first points of a range, or null when InfluxDB cannot add its numbers up. @throws InfluxError */
export async function askBuckets(question: BucketsQuestion): Promise<HistoryPoint[] | null> {
  const { client, device, aggregate, intervalMs, range, limit } = question;
  const asks = question.sources.flatMap((source) => asksOf(question, source));
  const buckets = new Buckets();
  try {
    const answers = await client.query(
      asks.map(({ statement }) => statement.text),
      { placeholders: device.placeholders },
    );
    for (const [at, { statement, segment, isBoolean }] of asks.entries()) {
      for (const { values } of answers[at] ?? []) {
        for (const [time, ...cells] of values) {
          // A row of a rollup that begins before the range, or on 3.x a bucket without readings.
          const startMs = Math.floor(Number(time) / 1000 / intervalMs) * intervalMs;
          if (cells.some((cell) => cell !== null))
            buckets.add(startMs, statement.read(cells), segment, isBoolean);
        }
      }
    }
  } catch (error) {
    if (error instanceof InfluxError && error.kind === 'overflow') return null;
    throw error;
  }
  if (buckets.isUnsure) return null;
  if (aggregate === 'last') await resolveTies(question, buckets);
  return buckets.points(aggregate, range.from, limit);
}

function asksOf(question: BucketsQuestion, source: Source): Ask[] {
  const { stores, range, intervalMs, leastRows, aggregate, device, limit } = question;
  const { measurement, fields } = source;
  const isOne = question.sources.length === 1 && fields.length === 1;
  const segments = plan(stores, {
    ...{ measurement, range, intervalMs },
    ...(leastRows === undefined ? {} : { leastRows }),
    // Which of several fields was the last to come, rows of a rollup cannot say.
    onlyRaw: aggregate === 'last' && !isOne,
  });
  return segments.flatMap((segment: Segment) =>
    fields.flatMap((field) =>
      bucketStatements({ device, aggregate, intervalMs, limit }, source, field, segment).map((statement) => ({
        statement,
        segment: segment.from,
        isBoolean: field.type === 'boolean',
      })),
    ),
  );
}

/** Looks up which value is the last where several fields have one in the same bucket. */
async function resolveTies(question: BucketsQuestion, buckets: Buckets): Promise<void> {
  const { client, device, intervalMs, range, sources } = question;
  const tied = buckets.tied();
  const fields = sources.flatMap((source) => source.fields.map((field) => ({ source, field })));
  for (let first = 0; first < tied.length; first += TIES_A_REQUEST) {
    const starts = tied.slice(first, first + TIES_A_REQUEST);
    const statements = starts.flatMap((start) => {
      const from = Math.max(range.from, start) * 1000;
      const to = Math.min(range.to, start + intervalMs) * 1000;
      return fields.map(({ source, field }) => lastOf(source, field, device, { from, to }));
    });
    const answers = await client.query(statements, { placeholders: device.placeholders });
    for (const [at, start] of starts.entries()) {
      let latest = Number.NEGATIVE_INFINITY;
      for (const series of answers.slice(at * fields.length, (at + 1) * fields.length)) {
        const [time, value] = series[0]?.values[0] ?? [];
        if (typeof time !== 'number' || value === null || value === undefined || time < latest) continue;
        latest = time;
        buckets.setLast(start, value);
      }
    }
  }
}

function lastOf(source: Source, field: Field, device: DeviceTerm, rangeUs: Range): string {
  const name = identifier(field.name);
  return `SELECT last(${name}) ${fromClause(source, 'raw')} ${whereClause(device, rangeUs)}`;
}
