/** Bounds of the waiting time between two tries, in ms. */
export interface BackoffBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Waiting times that double from `minMs` to `maxMs`, each drawn evenly from its upper half, so that many
 * clients of one server that came back do not arrive at once.
 */
export class Backoff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How long to wait after one more failure, in ms. */
  next(bounds: BackoffBounds): number {
    const ceilingMs = Math.min(bounds.maxMs, bounds.minMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return ceilingMs * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
