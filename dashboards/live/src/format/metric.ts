import {
  type MetricDocument,
  type MetricView,
  parseDuration,
  type ThresholdDocument,
  type Value,
} from '@fieldline/protocol/browser';
import { words } from '../strings.js';
import { decimalsFor, num } from './number.js';
import { unitSymbol } from './unit.js';

/** A metric's value in words and figures: the unit stands apart, since it is set smaller and greyer. */
export interface Figure {
  readonly text: string;
  readonly unit: string;
}

/** How a metric is shown: the profile's say, or what its values suggest. */
export interface MetricLook {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** null: each value decides. */
  readonly decimals: number | null;
  readonly numeric: boolean;
  readonly limits: readonly Limit[];
  /** States that are trouble, the worst last. */
  readonly troubles: readonly StateTrouble[];
}

/** A state that is trouble once it has held for so long, ms. */
export interface StateTrouble {
  readonly kind: 'warn' | 'alarm';
  readonly value: Value;
  readonly holdMs: number;
}

/** One dashed line of a chart. `side`: where trouble begins, seen from `at`. */
export interface Limit {
  readonly kind: 'warn' | 'alarm';
  readonly side: 'above' | 'below';
  readonly at: number;
  /** How long it must hold, in the profile's words ("5 min"); '' when at once. */
  readonly hold: string;
}

/** Joins what the registry and the profile say of one metric. */
export function lookOf(
  key: string,
  view: MetricView | undefined,
  profile: MetricDocument | undefined,
): MetricLook {
  // What the profile says was meant for its own type: of a metric with another one only the title is left.
  const stated = profile?.type === 'integer' ? 'number' : profile?.type;
  const fitting = view === undefined || view.type === stated ? profile : undefined;
  return {
    key,
    title: profile?.title ?? titleOf(key),
    unit: unitSymbol(fitting?.unit ?? view?.unit ?? null),
    decimals: fitting?.type === 'integer' ? 0 : (fitting?.decimals ?? null),
    numeric: (view?.type ?? stated) === 'number',
    limits: [...limitsOf('warn', fitting?.warn), ...limitsOf('alarm', fitting?.alarm)],
    troubles: [...troublesOf('warn', fitting?.warn), ...troublesOf('alarm', fitting?.alarm)],
  };
}

function troublesOf(kind: StateTrouble['kind'], bound: ThresholdDocument | undefined): StateTrouble[] {
  if (bound?.equals === undefined) return [];
  return [{ kind, value: bound.equals, holdMs: parseDuration(bound.for ?? '') ?? 0 }];
}

/** The worst trouble that a state is which has held for so long. */
export function stateTroubleOf(
  look: MetricLook,
  value: Value | undefined,
  heldMs: number,
): StateTrouble | undefined {
  return look.troubles.findLast((trouble) => trouble.value === value && heldMs >= trouble.holdMs);
}

/** "soil_moisture" → "Soil moisture": a metric without a profile still reads like a word. */
export function titleOf(key: string): string {
  const text = key.replaceAll(/[_.-]+/g, ' ').trim();
  return text ? text[0]?.toUpperCase() + text.slice(1) : key;
}

function limitsOf(kind: Limit['kind'], bound: ThresholdDocument | undefined): Limit[] {
  if (!bound) return [];
  const hold = bound.for === undefined ? '' : words.hold(bound.for);
  const limits: Limit[] = [];
  if (bound.above !== undefined) limits.push({ kind, side: 'above', at: bound.above, hold });
  if (bound.below !== undefined) limits.push({ kind, side: 'below', at: bound.below, hold });
  return limits;
}

/** A value as text: figures by the profile's decimals, booleans as words. */
export function figure(look: MetricLook, value: Value): Figure {
  if (typeof value === 'number')
    return { text: num(value, look.decimals ?? decimalsFor(value)), unit: look.unit };
  if (typeof value === 'boolean') return { text: value ? words.on : words.off, unit: '' };
  return { text: value, unit: '' };
}

/** The worst limit that a value is beyond, judged by the value alone. */
export function breachOf(look: MetricLook, value: Value | undefined): Limit | undefined {
  if (typeof value !== 'number') return undefined;
  return look.limits.findLast(({ side, at }) => (side === 'above' ? value > at : value < at));
}
