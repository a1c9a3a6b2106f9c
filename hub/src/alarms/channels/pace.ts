const MINUTE_MS = 60_000;

/** At most so many a minute, in bursts of up to as many: a bucket of tokens that fills evenly. */
export class Pace {
  readonly #perMinute: number;
  readonly #now: () => number;
  #tokens: number;
  #filledMs: number;

  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
    this.#tokens = perMinute;
    this.#filledMs = now();
  }

  /** How many may go now. */
  get left(): number {
    this.#fill();
    return Math.floor(this.#tokens);
  }

  /** How long until one more may go, ms; 0 when one may now. */
  get waitMs(): number {
    this.#fill();
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * MINUTE_MS) / this.#perMinute);
  }

  /** So many went, or one for so many: that takes what there is, and no more. */
  take(count: number): void {
    this.#fill();
    this.#tokens = Math.max(0, this.#tokens - count);
  }

  #fill(): void {
    const now = this.#now();
    const passedMs = Math.max(0, now - this.#filledMs);
    this.#filledMs = now;
    this.#tokens = Math.min(this.#perMinute, this.#tokens + (passedMs * this.#perMinute) / MINUTE_MS);
  }
}
