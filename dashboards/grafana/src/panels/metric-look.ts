import { type MetricProfile, unitOf, type Value } from '@fieldline/protocol';
import type { FieldDefaults, MappingResult, Threshold, ValueMapping } from '../model.js';

/** Colours of Grafana's palette for the levels of an alarm. */
export const LEVEL_COLORS = { good: 'green', warn: 'orange', alarm: 'red', none: 'text' } as const;

/** Colours of states that mean neither good nor bad. */
const STATE_COLORS = [
  'blue',
  'purple',
  'yellow',
  'super-light-green',
  'semi-dark-blue',
  'light-purple',
] as const;

/** A switch that is off, or a door that is shut: there, and nothing to look at. */
const OFF_COLOR = '#6e7687';

/** How the values of a metric are shown, wherever they are. */
export function lookOf(metric: MetricProfile): FieldDefaults {
  const { unit, decimals, description } = metric;
  return {
    ...(description === null ? {} : { description }),
    ...(unit === null ? {} : { unit: unitOf(unit).grafana }),
    ...(decimals === null ? (metric.integer ? { decimals: 0 } : {}) : { decimals }),
    ...(metric.type === 'number' ? { thresholds: thresholdsOf(metric) } : stateLook(metric)),
  };
}

/** Whether a limit of the metric can be drawn on its axis. */
export function hasLimits({ warn, alarm }: MetricProfile): boolean {
  return [warn, alarm].some((limit) => limit !== null && (limit.above !== null || limit.below !== null));
}

/** The limits of `warn` and `alarm` as Grafana's steps: each holds from its value on upwards. */
export function thresholdsOf({ warn, alarm }: MetricProfile): NonNullable<FieldDefaults['thresholds']> {
  const { good, none } = LEVEL_COLORS;
  const lows = [
    { value: alarm?.below ?? null, color: LEVEL_COLORS.alarm },
    { value: warn?.below ?? null, color: LEVEL_COLORS.warn },
  ].filter(isSet);
  const highs = [
    { value: warn?.above ?? null, color: LEVEL_COLORS.warn },
    { value: alarm?.above ?? null, color: LEVEL_COLORS.alarm },
  ].filter(isSet);
  lows.sort((a, b) => a.value - b.value);
  highs.sort((a, b) => a.value - b.value);
  const calm = lows.length + highs.length === 0 ? none : good;
  // Below the lowest limit its colour holds; above each of the lower limits the next one's, at last the calm one.
  const rising = [...lows.map(({ color }) => color), calm];
  const steps: Threshold[] = rising.map((color, at) => ({ color, value: lows[at - 1]?.value ?? null }));
  return { mode: 'absolute', steps: [...steps, ...highs] };
}

function isSet<T extends { value: number | null }>(step: T): step is T & { value: number } {
  return step.value !== null;
}

function stateLook(metric: MetricProfile): FieldDefaults {
  const named: readonly Value[] = metric.type === 'boolean' ? [true, false] : (metric.enum ?? []);
  const limits = [metric.warn?.equals, metric.alarm?.equals].filter(
    (value) => value !== null && value !== undefined,
  );
  const values = [...new Set([...named, ...limits])];
  const options = Object.fromEntries(
    values.map((value, index) => [
      String(value),
      { ...stateText(value), color: colorOf(metric, value, index), index },
    ]),
  );
  const mappings: ValueMapping[] = values.length === 0 ? [] : [{ type: 'value', options }];
  return { mappings, color: { mode: values.length === 0 ? 'palette-classic' : 'fixed' } };
}

function stateText(value: Value): MappingResult {
  return typeof value === 'boolean' ? { text: value ? 'yes' : 'no' } : {};
}

function colorOf({ warn, alarm, type }: MetricProfile, value: Value, index: number): string {
  if (alarm?.equals === value) return LEVEL_COLORS.alarm;
  if (warn?.equals === value) return LEVEL_COLORS.warn;
  if (type === 'boolean') return value === true ? 'blue' : OFF_COLOR;
  return STATE_COLORS[index % STATE_COLORS.length] as string;
}
