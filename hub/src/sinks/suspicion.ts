import type { SinkErrorKind } from './sink.js';

/** Failures of kind `internal` in a row after which the batch itself is suspected, and halved. */
const SUSPECT_AFTER = 4;
/** Tries of a single reading before it is given up. */
const TRIES_ALONE = 2;
/**
 * Single readings given up in a row, without a write between them that succeeded. Beyond it the sink is what
 * is broken, not the readings, and all that follow are kept.
 */
const MAX_GIVEN_UP = 8;

/**
 * Finds the reading that breaks a sink. A batch that keeps failing for no known reason is halved until it
 * succeeds or a single reading is left, which is then given up; each success lets writes grow again. A sink
 * that fails whatever it is given must not send the whole log to the quarantine: see {@link MAX_GIVEN_UP}.
 */
export class Suspicion {
  #failures = 0;
  #givenUp = 0;
  #limit = Number.POSITIVE_INFINITY;

  /** How many readings the next write may hold. */
  get limit(): number {
    return this.#limit;
  }

  /** Nothing more is given up until something succeeds. */
  get exhausted(): boolean {
    return this.#givenUp >= MAX_GIVEN_UP;
  }

  /** A write of `count` readings failed. Says whether to try again, or to do without the reading. */
  failed(kind: SinkErrorKind, count: number): 'again' | 'give-up' {
    if (kind !== 'internal') {
      this.#failures = 0;
      return 'again';
    }
    this.#failures++;
    if (this.#failures < SUSPECT_AFTER) return 'again';
    if (count > 1) {
      this.#limit = Math.ceil(count / 2);
      if (this.#limit === 1) this.#failures = SUSPECT_AFTER - TRIES_ALONE;
      return 'again';
    }
    if (this.exhausted) return 'again';
    this.#givenUp++;
    this.#failures = SUSPECT_AFTER - TRIES_ALONE;
    return 'give-up';
  }

  /**
   * A write of `count` readings had not ended when its time was over: a smaller one may. One that always takes too
   * long would hold the sink up for ever, such as a batch with much to refuse on a slow server.
   */
  tookTooLong(count: number): void {
    this.#limit = Math.ceil(count / 2);
  }

  /** A write of `count` readings succeeded. */
  succeeded(count: number): void {
    this.#failures = 0;
    this.#givenUp = 0;
    if (count >= this.#limit)
      this.#limit = this.#limit >= 2 ** 20 ? Number.POSITIVE_INFINITY : this.#limit * 2;
  }
}
