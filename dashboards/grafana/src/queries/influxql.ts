import type { MetricProfile, Profile } from '@fieldline/protocol';
import type { Target } from '../model.js';
import { DATASOURCE } from '../uids.js';

/** InfluxQL, as InfluxDB 1.x has it ("Influx Query Language reference", 1.8), with Grafana's macros in it. */

/** The device that the board's variable names. Grafana escapes its value for a regular expression. */
export const THIS_DEVICE = '"device" =~ /^$device$/';

/**
 * The last so many ms of the board's range. What is older is not how things are: what stood last before somebody fell
 * silent would be shown for as long as it is in the range.
 */
export function lately(ms: number): string {
  return `$timeFilter AND time > $${'{'}__to}ms - ${duration(ms)}`;
}

/** An identifier in its quotes. */
export function identifier(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`;
}

/** A text in its quotes. */
export function literal(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}

/** A regular expression that these names match, and no others. */
export function anyOf(names: readonly string[]): string {
  return `/^(${names.map(escaped).join('|')})$/`;
}

/** A name as a regular expression; it is one of a profile or a metric, which holds no other sign of theirs. */
function escaped(name: string): string {
  return name.replace(/[.]/g, '\\.');
}

/**
 * Where the readings of a profile's devices are. InfluxDB 1.x keeps those of a profile with `retention` in a policy of
 * their own (docs/influxdb.md).
 */
export function source({ name, retentionMs }: Profile, influxVersion: 1 | 2 | 3): string {
  const own = retentionMs !== null && influxVersion === 1;
  return own ? `${identifier(`raw_${name}`)}.${identifier(name)}` : identifier(name);
}

/**
 * The fields that hold a metric, as a regular expression. The first type of a metric to arrive in a measurement owns
 * the field of its name, another one goes to `<metric>_<type>`, perhaps with a number behind it (docs/influxdb.md):
 * asked in this way, a metric that was given another type is found, and no query fails for a field that is not there.
 */
export function fieldOf(metric: MetricProfile, profile: Profile): string {
  const suffixed = `${metric.name}_${metric.type}`;
  // Where a metric of the profile is called so, that field is its own.
  const taken = profile.metrics.has(suffixed);
  const suffix = taken ? `_${metric.type}_[0-9]+` : `_${metric.type}(_[0-9]+)?`;
  return `/^${escaped(metric.name)}(${suffix})?$/`;
}

interface Question {
  readonly refId?: string;
  readonly alias?: string;
}

/** A query whose rows are points of series. */
export function series(query: string, { refId = 'A', alias }: Question = {}): Target {
  const target = {
    refId,
    datasource: DATASOURCE,
    query,
    rawQuery: true,
    resultFormat: 'time_series',
  } as const;
  return alias === undefined ? target : { ...target, alias };
}

/** A query whose rows are those of a table. */
export function table(query: string, refId = 'A'): Target {
  return { refId, datasource: DATASOURCE, query, rawQuery: true, resultFormat: 'table' };
}

/** `A` … `Z`, `AA` …, as Grafana names the queries of a panel. */
export function refId(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${refId(Math.floor(index / 26) - 1)}${letter}`;
}

/** A length of time as InfluxQL and Grafana write it: the largest unit that holds it whole. */
export function duration(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  const [unit, size] = units.find(([, length]) => ms % length === 0 && ms > 0) ?? ['ms', 1];
  return `${Math.round(ms / size)}${unit}`;
}
