import type { Reading, Value } from '@fieldline/journal';
import type { Device } from '../devices/device.js';
import type { KeptWatchRow } from '../state/alarm-watches.js';
import { MetricLimits } from './metric-limits.js';
import type { Rule } from './rule.js';
import type { LateRun, OpenAlarm, Series, Tell } from './series.js';
import { WatchedMetric } from './watched-metric.js';

/** How a watch is kept over a restart: only what is not as it is for a metric that is well. */
export interface KeptWatch {
  readonly metrics: Readonly<
    Record<string, { newest: number; series?: Readonly<Record<string, KeptSeries>> }>
  >;
}

interface KeptSeries {
  readonly rule: string;
  readonly since: number;
  readonly worst: Value | null;
  readonly open: OpenAlarm | null;
  readonly late: LateRun | null;
  readonly untold: string | null;
}

/**
 * The limits of one device, and how its readings stand with them. Rules are those of its profile, as long as the
 * metric has the type that they were made for.
 */
export class DeviceWatch {
  readonly device: Device;
  readonly metrics: readonly WatchedMetric[];
  /** Offset in the journal of the newest reading that was judged. */
  offset = 0;
  /** Not saved since its last reading; kept by watches.ts. */
  isDirty = false;
  readonly #shape: number;
  readonly #profile: Device['profile'];

  constructor(device: Device) {
    this.device = device;
    this.#shape = device.shape;
    this.#profile = device.profile;
    this.metrics = watchedMetrics(device);
  }

  /** Whether its device has got other limits, or a metric another type. */
  get isOutdated(): boolean {
    return this.#shape !== this.device.shape || this.#profile !== this.device.profile;
  }

  /** Judges a reading. What is absent is no reading; a value of another type is none of this rule's. */
  take(reading: Reading, tell: Tell): void {
    const { values, time } = reading;
    for (const metric of this.metrics) {
      const value = values[metric.name];
      if (value === undefined || typeof value !== metric.type || Number.isNaN(value)) continue;
      metric.take(value, time, reading.receivedAt, tell);
    }
  }

  *series(): Iterable<Series> {
    for (const { series } of this.metrics) yield* series;
  }

  /** Takes over how things stood under the limits before, where they are the same. What is left is answered. */
  inherit(before: DeviceWatch): Series[] {
    this.offset = before.offset;
    const left: Series[] = [];
    for (const metric of before.metrics) {
      const same = this.metrics.find(({ name, type }) => name === metric.name && type === metric.type);
      if (same) same.newest = metric.newest;
      for (const series of metric.series) {
        const heir = same?.series.find(({ rule }) => isSameRule(rule, series.rule));
        if (heir) {
          const { since, worst, open, late, untold } = series;
          Object.assign(heir, { since, worst, open, late, untold });
        } else if (series.open !== null || series.untold !== null) left.push(series);
      }
      same?.settle();
    }
    return left;
  }

  kept(): KeptWatch {
    const metrics: Record<string, { newest: number; series?: Record<string, KeptSeries> }> = {};
    for (const { name, newest, series } of this.metrics) {
      if (newest === 0) continue;
      const entries = series.filter(hasSomethingToKeep).map((one) => {
        const { rule, since, worst, open, late, untold } = one;
        return [rule.level, { rule: rule.text, since, worst, open, late, untold }] as const;
      });
      metrics[name] = entries.length === 0 ? { newest } : { newest, series: Object.fromEntries(entries) };
    }
    return { metrics };
  }

  /** Takes over what {@link kept} gave, as far as the limits are the same. @throws for what it cannot have given */
  restore(kept: KeptWatch, offset: number): void {
    this.offset = offset;
    for (const [name, { newest, series = {} }] of Object.entries(kept.metrics)) {
      const metric = this.metrics.find((each) => each.name === name);
      if (metric === undefined) continue;
      metric.newest = newest;
      for (const [level, { rule, ...state }] of Object.entries(series)) {
        const heir = metric.series.find((each) => each.rule.level === level && each.rule.text === rule);
        if (heir) Object.assign(heir, state);
      }
      metric.settle();
    }
  }
}

/** How a watch is stored. */
export function rowOf(watch: DeviceWatch): KeptWatchRow {
  return { device: watch.device.id, offset: watch.offset, json: JSON.stringify(watch.kept()) };
}

function hasSomethingToKeep({ since, open, late, untold }: Series): boolean {
  return since !== 0 || open !== null || late !== null || untold !== null;
}

function isSameRule(one: Rule, other: Rule): boolean {
  return one.level === other.level && one.text === other.text;
}

function watchedMetrics(device: Device): WatchedMetric[] {
  const watched: WatchedMetric[] = [];
  for (const [name, { type, profile }] of device.metrics) {
    if (profile === undefined) continue;
    const limits = MetricLimits.of(name, profile);
    if (limits.rules.length > 0) watched.push(new WatchedMetric(name, type, limits));
  }
  return watched;
}
