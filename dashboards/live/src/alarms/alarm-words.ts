import type { AlarmLimit, AlarmView } from '@fieldline/protocol/browser';
import { figureWords } from '../command/figure-words.js';
import { duration } from '../format/age.js';
import { lookOf, type MetricLook } from '../format/metric.js';
import { profiles } from '../live/profiles.js';
import { alarms as words } from '../strings/alarms.js';

/** How a metric of a profile is shown. Reading it in a component waits for the profile. */
export function lookIn(profile: string | null, metric: string | null): MetricLook | null {
  if (metric === null) return null;
  return lookOf(metric, undefined, profiles.get(profile).metrics[metric]);
}

/** "Temperature above 8.0 °C for 5 min", "No reading for 30 s". */
export function whatWords(limit: AlarmLimit, look: MetricLook | null): string {
  if (look === null) return words.what.silence(duration(limit.silence ?? 0));
  const { above, below, equals } = limit;
  const said = (value: number | boolean | string) => figureWords(look, value);
  const text =
    above !== undefined && below !== undefined
      ? words.what.outside(look.title, said(below), said(above))
      : above !== undefined
        ? words.what.above(look.title, said(above))
        : below !== undefined
          ? words.what.below(look.title, said(below))
          : words.what.equals(look.title, said(equals ?? ''));
  return limit.for > 0 ? words.what.holds(text, duration(limit.for)) : text;
}

/** By what it clears: "at 7.5 °C or lower". */
export function clearWords(limit: AlarmLimit, look: MetricLook | null): string {
  if (look === null) return words.clears.reading;
  const { above, below, equals, hysteresis = 0 } = limit;
  const said = (value: number) => figureWords(look, round(value));
  if (above !== undefined && below !== undefined)
    return words.clears.both(said(below + hysteresis), said(above - hysteresis));
  if (above !== undefined) return words.clears.above(said(above - hysteresis));
  if (below !== undefined) return words.clears.below(said(below + hysteresis));
  return words.clears.other(figureWords(look, equals ?? ''));
}

/** 8 − 0.1 is 7.9, not 7.8999…. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}

/** The order in which alarms are shown: nobody's first, then by severity, then the newest. */
export function byNeed(one: AlarmView, other: AlarmView): number {
  const step = Number(one.acknowledgedAt !== null) - Number(other.acknowledgedAt !== null);
  return step || bySeverity(one, other);
}

/** The worst first, then the newest. */
export function bySeverity(one: AlarmView, other: AlarmView): number {
  return SEVERITY[one.level] - SEVERITY[other.level] || (one.id < other.id ? 1 : -1);
}

const SEVERITY = { alarm: 0, warn: 1, stale: 2 } as const;
