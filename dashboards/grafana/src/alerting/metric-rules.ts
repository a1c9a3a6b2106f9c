import {
  type MetricProfile,
  type Profile,
  type ThresholdProfile,
  unitOf,
  type Value,
} from '@fieldline/protocol';
import type { GenerateOptions } from '../options.js';
import { duration, fieldOf, identifier, literal, source } from '../queries/influxql.js';
import { boardSuffix, DEVICE_BOARD, panelId, ruleUid } from '../uids.js';
import { inTemplate, type Limit, type Rule, rule } from './rule.js';

/** The last readings are looked for so far back, in expected intervals. */
const WINDOW_INTERVALS = 3;
const LEAST_WINDOW_MS = 60_000;
/** For profiles that do not say how often readings come. */
const WINDOW_MS = 300_000;

type Severity = 'warn' | 'alarm';

/** The rules of a profile: each limit of each metric, as the hub itself judges it. */
export function metricRules(profile: Profile, options: GenerateOptions): Rule[] {
  return [...profile.metrics.values()].flatMap((metric) =>
    (['warn', 'alarm'] as const).flatMap((severity) => {
      const threshold = metric[severity];
      return threshold === null ? [] : rulesOf(profile, metric, threshold, severity, options);
    }),
  );
}

function rulesOf(
  profile: Profile,
  metric: MetricProfile,
  threshold: ThresholdProfile,
  severity: Severity,
  options: GenerateOptions,
): Rule[] {
  const { above, below, equals, hysteresis, forMs } = threshold;
  const from = source(profile, options.influxVersion);
  const windowMs =
    profile.intervalMs === null
      ? WINDOW_MS
      : Math.max(LEAST_WINDOW_MS, WINDOW_INTERVALS * profile.intervalMs);
  const made = (what: string, words: string, query: string, limit: Limit) =>
    rule({
      ...{ uid: ruleUid([profile.name, metric.name, severity, what]), query, windowMs, limit, severity },
      // Names, because titles may be equal.
      title: `${profile.name}: ${metric.name} ${words} (${severity})`,
      for: forMs === 0 ? '0s' : duration(forMs),
      summary: `${inTemplate(metric.title)} of {{ .Labels.device }} is ${inTemplate(words)}`,
      panel: { board: `${DEVICE_BOARD}${boardSuffix(profile.name)}`, id: panelId(`metric ${metric.name}`) },
    });
  const symbol = metric.unit === null ? '' : unitOf(metric.unit).symbol;
  const shown = (value: number) => `${value}${symbol === '' ? '' : ` ${symbol}`}`;
  const numbers = `SELECT last(${fieldOf(metric, profile)}) FROM ${from} WHERE $timeFilter GROUP BY "device"`;
  const found: Rule[] = [];
  if (above !== null)
    found.push(made('above', `above ${shown(above)}`, numbers, { is: 'above', value: above, hysteresis }));
  if (below !== null)
    found.push(made('below', `below ${shown(below)}`, numbers, { is: 'below', value: below, hysteresis }));
  if (equals !== null)
    found.push(made('equals', `${equals}`, shareOf(metric, equals, from), { is: 'above', value: ALL }));
  return found;
}

/** A little less than all, for what divisions of floats may leave. */
const ALL = 0.999;

/**
 * Which part of the last readings had a value: Grafana's alerts compare numbers only. It is 1 where all of them had it,
 * and there is no row where none had.
 */
function shareOf({ name, type }: MetricProfile, value: Value, from: string): string {
  const field = identifier(name);
  const wanted = type === 'string' ? literal(String(value)) : String(value);
  const such = `SELECT ${field} AS "such" FROM ${from} WHERE ${field} = ${wanted} AND $timeFilter`;
  const all = `SELECT ${field} AS "all" FROM ${from} WHERE $timeFilter`;
  return `SELECT count("such") / count("all") AS "share" FROM (${such}), (${all}) WHERE $timeFilter GROUP BY "device"`;
}
