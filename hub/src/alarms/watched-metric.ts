import type { Value } from '@fieldline/journal';
import type { ValueType } from '@fieldline/protocol';
import type { Rule } from './rule.js';
import { judge, judgeLate, newSeries, type Series, type Tell } from './series.js';

/**
 * A metric with its limits, and how its readings stand with them. Nearly all values are well within all limits of a
 * metric that is well: what it takes to see that is kept ready, so that it costs a comparison or two.
 */
export class WatchedMetric {
  readonly name: string;
  readonly type: ValueType;
  /** Time of its newest judged reading, µs since 1970; 0 before the first. */
  newest = 0;
  readonly series: readonly Series[];
  /** Nothing is raised or waits: a value that breaches no limit changes nothing. */
  #isCalm = true;
  /** Numbers from here … */
  readonly #least: number;
  /** … to here breach no limit. NaN where a limit equals a number: then each has to be looked at. */
  readonly #most: number;
  /** What breaches a limit that equals a text or a truth value. */
  readonly #marks: readonly Value[];

  constructor(name: string, type: ValueType, rules: readonly Rule[]) {
    this.name = name;
    this.type = type;
    this.series = rules.map(newSeries);
    const hasNumber = rules.some(({ equals }) => typeof equals === 'number');
    this.#least = Math.max(...rules.map(({ below }) => below));
    this.#most = hasNumber ? Number.NaN : Math.min(...rules.map(({ above }) => above));
    this.#marks = rules.flatMap(({ equals }) => (equals === undefined ? [] : [equals]));
  }

  /** Judges a value of its type. */
  take(value: Value, time: number, receivedAt: number, tell: Tell): void {
    const isLate = time <= this.newest;
    if (!isLate) {
      this.newest = time;
      if (this.#isCalm && this.#isWithin(value)) return;
    }
    for (const series of this.series) {
      if (isLate) judgeLate(series, time, receivedAt, value, tell);
      else judge(series, time, receivedAt, value, tell);
    }
    this.settle();
  }

  /** Looks anew whether anything is raised or waits; after its series were restored. */
  settle(): void {
    this.#isCalm = this.series.every(({ since, open }) => since === 0 && open === null);
  }

  #isWithin(value: Value): boolean {
    if (typeof value === 'number') return value >= this.#least && value <= this.#most;
    return !this.#marks.includes(value);
  }
}
