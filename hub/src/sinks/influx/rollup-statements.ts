import { createHash } from 'node:crypto';
import type { Field } from './fields.js';
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

export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Begins the names of the continuous queries that are the hub's. */
const PREFIX = 'fieldline ';

/**
 * The continuous query that fills a rollup, under a name that says what it does: when the definition changes, so does
 * the name, and the query of the old name is removed. Hours are made of minutes, which are far fewer than readings.
 */
export function continuousQuery(source: RollupSource, fields: readonly Field[]): Statement {
  const { unit, database, measurement } = source;
  const what =
    unit === '1m'
      ? 'mean(*), min(*), max(*), sum(*), count(*), last(*)'
      : [...ofMinutes(fields, EXACT), ...ofMinutes(fields, SUMS)].join(', ');
  const select = `SELECT ${what} ${into(source)} ${unit === '1m' ? from(source) : fromRollup(source, '1m')} ${grouped(source)}`;
  const hash = createHash('sha256').update(select).digest('hex').slice(0, 12);
  const name = `${PREFIX}${unit} ${measurement} ${hash}`;
  const on = `${identifier(name)} ON ${identifier(database)}`;
  return { name, text: `CREATE CONTINUOUS QUERY ${on} BEGIN ${select} END` };
}

export function isOwnQuery(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * Rolls up a range of time, again if need be: rows that are there are replaced. In several statements, because
 * InfluxDB leaves a whole row out when one of its values is beyond the range of numbers, as a sum can be; and booleans
 * have no mean, so how many were true is counted.
 */
export function rollUp(source: RollupSource, range: Range, fields: readonly Field[]): string[] {
  const tail = `${into(source)} ${from(source)} WHERE ${during(range)} ${grouped(source)}`;
  return [
    `SELECT min(*), max(*), count(*), last(*) ${tail}`,
    `SELECT mean(*), sum(*) ${tail}`,
    ...countTrue(source, range, fields),
  ];
}

/** Counts in a range how often booleans were true, which the continuous queries do not. */
export function countTrue(source: RollupSource, range: Range, fields: readonly Field[]): string[] {
  return fields
    .filter(({ type }) => type === 'boolean')
    .map(({ name }) => {
      const field = identifier(name);
      return (
        `SELECT count(${field}) AS ${identifier(`true_${name}`)} ${into(source)} ${from(source)} ` +
        `WHERE ${during(range)} AND ${field} = true ${grouped(source)}`
      );
    });
}

/** As {@link rollUp}, but hours from minutes. */
export function rollUpMinutes(source: RollupSource, range: Range, fields: readonly Field[]): string[] {
  return [EXACT, SUMS]
    .map((functions) => ofMinutes(fields, functions))
    .filter((selected) => selected.length > 0)
    .map(
      (selected) =>
        `SELECT ${selected.join(', ')} ${into(source)} ${fromRollup(source, '1m')} ` +
        `WHERE ${during(range)} ${grouped(source)}`,
    );
}

/** How many values of each field, in order, the raw readings of a range have: one row. */
export function rawCounts(source: RollupSource, range: Range, fields: readonly Field[]): string {
  const counts = fields.map(({ name }) => `count(${identifier(name)})`);
  return `SELECT ${counts.join(', ')} ${from(source)} WHERE ${during(range)}`;
}

/** As {@link rawCounts}, of what a rollup was made from. */
export function rollupCounts(source: RollupSource, range: Range, fields: readonly Field[]): string {
  const counts = fields.map(({ name }) => `sum(${identifier(`count_${name}`)})`);
  return `SELECT ${counts.join(', ')} ${fromRollup(source, source.unit)} WHERE ${during(range)}`;
}

/** How many minutes of a range each field has, and then how many with a sum: they differ where a sum was too large. */
export function summedMinutes(source: RollupSource, range: Range, fields: readonly Field[]): string {
  const counts = ['count_', 'sum_'].flatMap((prefix) =>
    fields.filter(isNumber).map(({ name }) => `count(${identifier(`${prefix}${name}`)})`),
  );
  return `SELECT ${counts.join(', ')} ${fromRollup(source, '1m')} WHERE ${during(range)}`;
}

/** The last raw point of a range: one row, whose time counts. */
export function lastPoint(source: RollupSource, range: Range): string {
  return `SELECT * ${from(source)} WHERE ${during(range)} ORDER BY time DESC LIMIT 1`;
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

function fromRollup({ database, measurement }: RollupSource, unit: RollupUnit): string {
  return `FROM ${[database, rollupPolicy(unit), measurement].map(identifier).join('.')}`;
}

function during({ from, to }: Range): string {
  return `time >= ${microseconds(from * 1000)} AND time < ${microseconds(to * 1000)}`;
}

function isNumber({ type }: Field): boolean {
  return type === 'float' || type === 'integer';
}

/** How a function of an hour is made of its minutes; null where the field has none. */
type OfMinutes = (field: Field) => readonly [name: string, expression: string] | null;

const over =
  (result: string, call: string, has: (field: Field) => boolean = () => true): OfMinutes =>
  (field) =>
    has(field) ? [result, `${call}(${identifier(`${result}_${field.name}`)})`] : null;

const isText = ({ type }: Field) => type === 'string';
const isBoolean = ({ type }: Field) => type === 'boolean';
const EXACT: readonly OfMinutes[] = [
  over('min', 'min', (field) => !isText(field)),
  over('max', 'max', (field) => !isText(field)),
  over('count', 'sum'),
  over('last', 'last'),
  over('true', 'sum', isBoolean),
];
const SUMS: readonly OfMinutes[] = [
  over('sum', 'sum', isNumber),
  (field) => {
    const part = (name: string) => `sum(${identifier(`${name}_${field.name}`)})`;
    return isNumber(field) ? ['mean', `${part('sum')} / ${part('count')}`] : null;
  },
];

function ofMinutes(fields: readonly Field[], functions: readonly OfMinutes[]): string[] {
  return fields.flatMap((field) =>
    functions.flatMap((function_) => {
      const made = function_(field);
      return made === null ? [] : [`${made[1]} AS ${identifier(`${made[0]}_${field.name}`)}`];
    }),
  );
}
