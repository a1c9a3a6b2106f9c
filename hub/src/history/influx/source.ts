import type { Field } from '../../sinks/influx/fields.js';
import { identifier, literal, microseconds } from '../../sinks/influx/quoting.js';
import type { Range } from '../../sinks/influx/ranges.js';
import { rollupPolicy } from '../../sinks/influx/rollup-unit.js';
import type { Segment } from './plan.js';

/** Where values of one device are: a measurement, and the fields in it that are asked for. */
export interface Source {
  readonly measurement: string;
  readonly fields: readonly Field[];
  /** The policies with its raw readings; none where the server has none. */
  readonly policies: readonly string[];
}

/** How the device stands in a query: as a placeholder, where the server knows them. */
export interface DeviceTerm {
  readonly term: string;
  readonly placeholders: Readonly<Record<string, string>>;
}

export function deviceTerm(device: string, knowsPlaceholders: boolean): DeviceTerm {
  return knowsPlaceholders
    ? { term: '$device', placeholders: { device } }
    : { term: literal(device), placeholders: {} };
}

/** `FROM …`: InfluxDB takes what several policies hold of a measurement as one. */
export function fromClause({ measurement, policies }: Source, store: Segment['store']): string {
  const names = store === 'raw' ? policies : [rollupPolicy(store)];
  const name = identifier(measurement);
  if (names.length === 0) return `FROM ${name}`;
  return `FROM ${names.map((policy) => `${identifier(policy)}.${name}`).join(', ')}`;
}

/** `WHERE …`: this device, in a range of µs since 1970. */
export function whereClause(device: DeviceTerm, { from, to }: Range): string {
  const during = `time >= ${microseconds(from)} AND time < ${microseconds(to)}`;
  return `WHERE "device" = ${device.term} AND ${during}`;
}
