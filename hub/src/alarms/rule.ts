import type { Value } from '@fieldline/journal';
import type { AlarmLimit, ThresholdProfile } from '@fieldline/protocol';

/** A limit of a metric, ready to judge values by. */
export interface Rule {
  readonly metric: string;
  readonly level: 'warn' | 'alarm';
  readonly above: number;
  readonly below: number;
  readonly equals: Value | undefined;
  /** The same for numbers; NaN where there is none. */
  readonly equalsNumber: number;
  readonly hysteresis: number;
  /** How long it has to last, µs. */
  readonly forUs: number;
  /** Two rules with the same text judge alike. */
  readonly text: string;
}

/** The rule of a limit that a profile gives a metric. */
export function ruleOf(metric: string, level: Rule['level'], threshold: ThresholdProfile): Rule {
  const { above, below, equals, hysteresis, forMs } = threshold;
  return {
    metric,
    level,
    hysteresis,
    forUs: forMs * 1_000,
    above: above ?? Number.POSITIVE_INFINITY,
    below: below ?? Number.NEGATIVE_INFINITY,
    equals: equals ?? undefined,
    equalsNumber: typeof equals === 'number' ? equals : Number.NaN,
    text: JSON.stringify([above, below, equals, hysteresis, forMs]),
  };
}

/** Whether the value is beyond the limit. */
export function breaches(rule: Rule, value: Value): boolean {
  if (typeof value === 'number')
    return value > rule.above || value < rule.below || value === rule.equalsNumber;
  return value === rule.equals;
}

/** Whether the value clears an alarm: within the limits, and not in the dead band behind them. */
export function isWell(rule: Rule, value: Value): boolean {
  if (breaches(rule, value)) return false;
  if (typeof value !== 'number') return true;
  return value <= rule.above - rule.hysteresis && value >= rule.below + rule.hysteresis;
}

/** The one of two breaching values that is further beyond the limit. */
export function worse(rule: Rule, known: Value | null, value: Value): Value {
  return known === null || excess(rule, value) > excess(rule, known) ? value : known;
}

function excess({ above, below }: Rule, value: Value): number {
  if (typeof value !== 'number') return 0;
  return Math.max(value - above, below - value, 0);
}

/** The rule as the API shows it. */
export function limitOf({ above, below, equals, hysteresis, forUs }: Rule): AlarmLimit {
  return {
    ...(Number.isFinite(above) ? { above } : {}),
    ...(Number.isFinite(below) ? { below } : {}),
    ...(equals === undefined ? {} : { equals }),
    ...(hysteresis > 0 ? { hysteresis } : {}),
    for: forUs / 1_000,
  };
}
