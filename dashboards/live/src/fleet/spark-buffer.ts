/** A sparkline shows half an hour in sixty buckets. */
export const SPARK_BUCKET_MS = 30_000;
export const SPARK_BUCKETS = 60;
export const SPARK_MS = SPARK_BUCKET_MS * SPARK_BUCKETS;

/** The means of the last half hour: a ring of sums and counts, fed by history once and by live values for good. */
export class SparkBuffer {
  readonly #sums = new Float64Array(SPARK_BUCKETS);
  readonly #counts = new Uint32Array(SPARK_BUCKETS);
  /** The bucket number (time / width) that each slot holds. */
  readonly #held = new Float64Array(SPARK_BUCKETS).fill(-1);

  add(time: number, value: number, count = 1): void {
    const bucket = Math.floor(time / SPARK_BUCKET_MS);
    const slot = bucket % SPARK_BUCKETS;
    const held = this.#held[slot] ?? -1;
    // Older than what the slot holds: it has scrolled off already.
    if (bucket < held) return;
    if (bucket > held) {
      this.#held[slot] = bucket;
      this.#sums[slot] = 0;
      this.#counts[slot] = 0;
    }
    this.#sums[slot] = (this.#sums[slot] ?? 0) + value * count;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Takes a bucket of history in place of what live values have put there so far. */
  seed(time: number, mean: number, count: number): void {
    const bucket = Math.floor(time / SPARK_BUCKET_MS);
    const slot = bucket % SPARK_BUCKETS;
    if (bucket < (this.#held[slot] ?? -1)) return;
    this.#held[slot] = bucket;
    this.#sums[slot] = mean * count;
    this.#counts[slot] = count;
  }

  /** The mean of each of the last sixty buckets, oldest first; undefined where nothing was read. */
  means(now: number): (number | undefined)[] {
    const last = Math.floor(now / SPARK_BUCKET_MS);
    return Array.from({ length: SPARK_BUCKETS }, (_, index) => {
      const bucket = last - SPARK_BUCKETS + 1 + index;
      const slot = bucket % SPARK_BUCKETS;
      const count = this.#counts[slot] ?? 0;
      return this.#held[slot] === bucket && count > 0 ? (this.#sums[slot] ?? 0) / count : undefined;
    });
  }
}
