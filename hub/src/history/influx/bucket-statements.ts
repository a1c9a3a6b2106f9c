import type { Aggregate } from '@fieldline/protocol';
import type { Cell } from '../../sinks/influx/client.js';
import type { Field } from '../../sinks/influx/fields.js';
import { identifier } from '../../sinks/influx/quoting.js';
import type { Part } from './buckets.js';
import type { Segment } from './plan.js';
import { type DeviceTerm, fromClause, type Source, whereClause } from './source.js';

export type BucketAggregate = Exclude<Aggregate, 'raw'>;

/** A statement, and what a row of its answer says of its bucket. */
export interface BucketStatement {
  readonly text: string;
  /** Cells behind the time. */
  readonly read: (cells: readonly Cell[]) => Part;
}

export interface BucketQuestion {
  readonly device: DeviceTerm;
  readonly aggregate: BucketAggregate;
  readonly intervalMs: number;
  readonly limit: number;
}

/** The longest that InfluxDB can count to; more than all the time that it knows after 1970. */
const MOST_INTERVAL_MS = 9_000_000_000_000;
/** Beyond it the sum of an integer field may have wrapped. */
const MOST_INTEGER = 2 ** 63;

/**
 * What one field of a source says in one segment. Means are made of sums and counts, so that parts can be put
 * together. Booleans have no sum in InfluxQL: those that are true are counted.
 */
export function bucketStatements(
  question: BucketQuestion,
  source: Source,
  field: Field,
  segment: Segment,
): readonly BucketStatement[] {
  const { aggregate } = question;
  const isRaw = segment.store === 'raw';
  const name = (prefix: string) => identifier(isRaw ? field.name : `${prefix}_${field.name}`);
  const say = (what: string, read: BucketStatement['read'], where = '', apart = ''): BucketStatement => ({
    text:
      `SELECT ${what} ${fromClause(source, segment.store)} ` +
      `${whereClause(question.device, { from: segment.from * 1000, to: segment.to * 1000 })}${where} ` +
      `GROUP BY time(${Math.min(question.intervalMs, MOST_INTERVAL_MS)}ms)${apart} fill(none) LIMIT ${question.limit}`,
    read,
  });
  const count = `${isRaw ? 'count' : 'sum'}(${name('count')})`;
  const counted = say(count, ([n]) => ({ count: number(n) }));
  if (aggregate === 'count') return [counted];
  if (aggregate === 'last') {
    const read = ([value]: readonly Cell[]): Part => ({
      count: 1,
      ...(value === null ? {} : { last: value }),
    });
    // Rows of a rollup from before and after a change of the device's tags begin at the same time: the later reading
    // is to be looked up.
    return [say(`last(${name('last')})`, read, '', isRaw ? '' : ', *')];
  }
  if (field.type === 'boolean') {
    const yes = ([n]: readonly Cell[]): Part => ({ count: 0, trues: number(n) });
    return [
      counted,
      isRaw ? say(`count(${name('')})`, yes, ` AND ${name('')} = true`) : say(`sum(${name('true')})`, yes),
    ];
  }
  const extremes = `min(${name('min')}), max(${name('max')})`;
  if (aggregate === 'min' || aggregate === 'max') {
    return [say(extremes, ([min, max]) => ({ count: 1, min: number(min), max: number(max) }))];
  }
  // A row whose sum is beyond the range of numbers has none: it must not look like a smaller one.
  const sums = isRaw ? '' : `, count(${name('count')}), count(${name('sum')})`;
  return [
    say(`${count}, sum(${name('sum')}), ${extremes}${sums}`, ([n, sum, min, max, rows = 0, summed = 0]) => {
      const part = { count: number(n), sum: number(sum), min: number(min), max: number(max) };
      const reach = Math.max(Math.abs(part.min), Math.abs(part.max)) * part.count;
      const isWrapped = field.type === 'integer' && reach >= MOST_INTEGER;
      return { ...part, isUnsure: isWrapped || number(rows) !== number(summed) };
    }),
  ];
}

function number(cell: Cell | undefined): number {
  return typeof cell === 'number' ? cell : 0;
}
