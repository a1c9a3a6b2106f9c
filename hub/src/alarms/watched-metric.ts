import type { Value } from '@fieldline/journal';
import type { ValueType } from '@fieldline/protocol';
import type { MetricLimits } from './metric-limits.js';
import { judge, judgeLate, newSeries, type Series, type Tell } from './series.js';

/** So many late readings, each older than the one before, are a backlog that comes newest first, and not one that is repeated. */
const FALLING = 3;

/**
 * A metric of a device, and how its readings stand with its limits. Nearly all values are within all limits of a metric
 * that is well: they cost a comparison or two.
 */
export class WatchedMetric {
  readonly name: string;
  readonly type: ValueType;
  /** Time of its newest judged reading, µs since 1970; 0 before the first. */
  newest = 0;
  readonly series: readonly Series[];
  readonly #limits: MetricLimits;
  /** Nothing is raised or waits: a value that breaches no limit changes nothing. */
  #isCalm = true;
  /** Time of the late reading before; how many in a row were older than the one before them. */
  #late = 0;
  #falls = 0;

  constructor(name: string, type: ValueType, limits: MetricLimits) {
    this.name = name;
    this.type = type;
    this.series = limits.rules.map(newSeries);
    this.#limits = limits;
  }

  /** Judges a value of its type. */
  take(value: Value, time: number, receivedAt: number, tell: Tell): void {
    const isLate = time <= this.newest;
    if (!isLate) {
      this.newest = time;
      if (this.#isCalm && this.#limits.isWithin(value)) return;
    }
    if (isLate) this.#takeLate(value, time, receivedAt, tell);
    else for (const series of this.series) judge(series, time, receivedAt, value, tell);
    this.settle();
  }

  #takeLate(value: Value, time: number, receivedAt: number, tell: Tell): void {
    this.#falls = time < this.#late ? this.#falls + 1 : 0;
    this.#late = time;
    const late = { time, receivedAt, isFalling: this.#falls >= FALLING };
    for (const series of this.series) judgeLate(series, late, value, tell);
  }

  /** Looks anew whether anything is raised or waits; after its series were restored. */
  settle(): void {
    this.#isCalm = this.series.every(({ since, open }) => since === 0 && open === null);
  }
}
