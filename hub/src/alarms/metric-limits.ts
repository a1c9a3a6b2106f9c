import type { Value } from '@fieldline/journal';
import type { MetricProfile } from '@fieldline/protocol';
import { type Rule, ruleOf } from './rule.js';

const LEVELS = ['warn', 'alarm'] as const;
/** Devices of one profile share them: what is compared with every reading stays in the processor's cache. */
const known = new WeakMap<MetricProfile, MetricLimits>();

/** The limits of a metric of a profile. */
export class MetricLimits {
  readonly rules: readonly Rule[];
  /** Numbers from here … */
  readonly #least: number;
  /** … to here breach no limit. NaN where a limit equals a number: then each has to be looked at. */
  readonly #most: number;
  /** What breaches a limit that equals a text or a truth value. */
  readonly #marks: readonly Value[];

  constructor(rules: readonly Rule[]) {
    const hasNumber = rules.some(({ equals }) => typeof equals === 'number');
    this.rules = rules;
    this.#least = Math.max(...rules.map(({ below }) => below));
    this.#most = hasNumber ? Number.NaN : Math.min(...rules.map(({ above }) => above));
    this.#marks = rules.flatMap(({ equals }) => (equals === undefined ? [] : [equals]));
  }

  /** Those that a profile states; the same object for the same profile. */
  static of(metric: string, profile: MetricProfile): MetricLimits {
    const made = known.get(profile);
    if (made !== undefined) return made;
    const rules = LEVELS.flatMap((level) => {
      const threshold = profile[level];
      return threshold === null ? [] : [ruleOf(metric, level, threshold)];
    });
    const limits = new MetricLimits(rules);
    known.set(profile, limits);
    return limits;
  }

  /** False for a value that may breach a limit. */
  isWithin(value: Value): boolean {
    if (typeof value === 'number') return value >= this.#least && value <= this.#most;
    return !this.#marks.includes(value);
  }
}
