import { createHash } from 'node:crypto';
import { identifier, microseconds } from './quoting.js';
import type { Range } from './ranges.js';
import { type RollupUnit, rollupPolicy } from './rollup-unit.js';

/** What is rolled up: one measurement, from all the policies that hold raw readings of it. */
export interface RollupSource {
  readonly database: string;
  readonly measurement: string;
  readonly policies: readonly string[];
  readonly unit: RollupUnit;
}

/** Begins the names of the continuous queries that are the hub's. */
const PREFIX = 'fieldline ';

/**
 * The continuous query that fills a rollup, under a name that says what it does: when the definition changes, so does
 * the name, and the query of the old name is removed.
 */
export function continuousQuery(source: RollupSource): { name: string; statement: string } {
  const every = '*';
  const select =
    `SELECT mean(${every}), min(${every}), max(${every}), sum(${every}), count(${every}), last(${every}) ` +
    `${into(source)} ${from(source)} ${grouped(source)}`;
  const hash = createHash('sha256').update(select).digest('hex').slice(0, 12);
  const name = `${PREFIX}${source.unit} ${source.measurement} ${hash}`;
  const on = `${identifier(name)} ON ${identifier(source.database)}`;
  return { name, statement: `CREATE CONTINUOUS QUERY ${on} BEGIN ${select} END` };
}

export function isOwnQuery(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * Rolls up a range of time, again if need be: rows that are there are replaced. In several statements, because
 * InfluxDB leaves a whole row out when one of its values is beyond the range of numbers, as a sum can be; and booleans
 * have no mean, so how many were true is counted.
 */
export function rollUp(source: RollupSource, range: Range, booleans: readonly string[]): string[] {
  const during = `time >= ${microseconds(range.from * 1000)} AND time < ${microseconds(range.to * 1000)}`;
  const select = (what: string, where = '') =>
    `SELECT ${what} ${into(source)} ${from(source)} WHERE ${during}${where} ${grouped(source)}`;
  return [
    select('min(*), max(*), count(*), last(*)'),
    select('mean(*), sum(*)'),
    ...booleans.map((field) => {
      const name = identifier(field);
      return select(`count(${name}) AS ${identifier(`true_${field}`)}`, ` AND ${name} = true`);
    }),
  ];
}

/** The first, or the last, raw point of a range: one row, whose time counts. */
export function edgeOf(source: RollupSource, range: Range, edge: 'first' | 'last'): string {
  const during = `time >= ${microseconds(range.from * 1000)} AND time < ${microseconds(range.to * 1000)}`;
  const order = edge === 'first' ? 'ASC' : 'DESC';
  return `SELECT * ${from(source)} WHERE ${during} ORDER BY time ${order} LIMIT 1`;
}

function into({ database, measurement, unit }: RollupSource): string {
  return `INTO ${[database, rollupPolicy(unit), measurement].map(identifier).join('.')}`;
}

function from({ database, measurement, policies }: RollupSource): string {
  return `FROM ${policies.map((policy) => [database, policy, measurement].map(identifier).join('.')).join(', ')}`;
}

function grouped({ unit }: RollupSource): string {
  return `GROUP BY time(${unit}), *`;
}
