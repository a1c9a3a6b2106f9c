import type { MeanPoint } from '@fieldline/protocol/browser';

/** The readings of one stretch of time. `t` is its start, ms; its width is the series' step. */
export interface Bucket {
  readonly t: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/**
 * Numbers in buckets of one width, on the grid that the hub uses (multiples of the width since 1970). History and
 * live values fall into the same buckets, so between them there is no seam. Empty buckets are absent.
 */
export class BucketSeries {
  readonly stepMs: number;
  /** Ascending by `t`. */
  #buckets: Bucket[] = [];

  constructor(stepMs: number) {
    this.stepMs = stepMs;
  }

  first(): Bucket | undefined {
    return this.#buckets[0];
  }

  /** Takes buckets of history; they add to what is there already. */
  seed(points: readonly MeanPoint[]): void {
    for (const [t, mean, min, max, count] of points) this.#join({ t: this.#start(t), mean, min, max, count });
  }

  /** Takes one reading, late or not. */
  add(time: number, value: number): void {
    this.#join({ t: this.#start(time), mean: value, min: value, max: value, count: 1 });
  }

  /** Drops what lies wholly before the time. */
  trim(before: number): void {
    const keep = this.#indexOf(before - this.stepMs);
    if (keep > 0) this.#buckets = this.#buckets.slice(keep);
  }

  /** The buckets that touch the range, ascending. */
  between(from: number, to: number): readonly Bucket[] {
    return this.#buckets.slice(this.#indexOf(this.#start(from)), this.#indexOf(to));
  }

  /** The bucket whose middle is nearest to the time, when it is within reach. */
  near(time: number, reachMs: number): Bucket | undefined {
    const after = this.#indexOf(time - this.stepMs / 2);
    let best: Bucket | undefined;
    let distance = Math.max(reachMs, this.stepMs / 2);
    for (const bucket of this.#buckets.slice(Math.max(0, after - 1), after + 2)) {
      const away = Math.abs(bucket.t + this.stepMs / 2 - time);
      if (away <= distance) {
        best = bucket;
        distance = away;
      }
    }
    return best;
  }

  #start(time: number): number {
    return Math.floor(time / this.stepMs) * this.stepMs;
  }

  #join(bucket: Bucket): void {
    const index = this.#indexOf(bucket.t);
    const there = this.#buckets[index];
    if (there?.t === bucket.t) this.#buckets[index] = joined(there, bucket);
    else if (index === this.#buckets.length) this.#buckets.push(bucket);
    else this.#buckets.splice(index, 0, bucket);
  }

  /** The first bucket that starts at or after the time. */
  #indexOf(time: number): number {
    const buckets = this.#buckets;
    // Live readings go to the end nearly always.
    if (buckets.length === 0 || (buckets.at(-1)?.t ?? 0) < time) return buckets.length;
    let low = 0;
    let high = buckets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((buckets[middle]?.t ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function joined(a: Bucket, b: Bucket): Bucket {
  const count = a.count + b.count;
  return {
    t: a.t,
    // Weighted this way the mean of equal values is that value, to the last digit.
    mean: a.mean + (b.mean - a.mean) * (b.count / count),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    count,
  };
}
