/** A pacer that was kept from running for longer gives the missed beats up, instead of making up for them. */
const MOST_CATCH_UP_MS = 1_000;

export interface PacerOptions {
  readonly periodMs: number;
  /** Where in the period its beats fall, 0 to 1: members of a fleet with different phases do not beat together. */
  readonly phase: number;
  /** Called on every beat, with the time it was due (ms since 1970). */
  onBeat(dueMs: number): void;
  /** Called with how many beats were given up. */
  onMissed(count: number): void;
}

/**
 * Calls back at a steady rate. Beats fall on a grid of the clock, so that timers' lateness does not add up;
 * rates above what timers resolve (1 ms) come as several beats in a row.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #timer: NodeJS.Timeout | undefined;
  #nextMs = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Beats once at once, and then on the grid. */
  start(): void {
    const { periodMs, phase, onBeat } = this.#options;
    const nowMs = Date.now();
    this.#nextMs = (Math.floor(nowMs / periodMs) + 1 + phase) * periodMs;
    this.#arm();
    onBeat(nowMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#run(), Math.max(0, Math.ceil(this.#nextMs - Date.now())));
  }

  #run(): void {
    const { periodMs, onBeat, onMissed } = this.#options;
    const nowMs = Date.now();
    if (nowMs - this.#nextMs > Math.max(MOST_CATCH_UP_MS, 2 * periodMs)) {
      const missed = Math.floor((nowMs - this.#nextMs) / periodMs);
      this.#nextMs += missed * periodMs;
      onMissed(missed);
    }
    // Armed first: a beat may stop the pacer.
    let dueMs = this.#nextMs;
    while (this.#nextMs <= nowMs) this.#nextMs += periodMs;
    this.#arm();
    for (; dueMs < this.#nextMs && this.#timer !== undefined; dueMs += periodMs) onBeat(dueMs);
  }
}
