/** Longest that a timer of Node's may be set for. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** So many are handed over at once: thousands that fall due together must not hold the hub up. */
const AT_ONCE = 200;

export interface DueTimersOptions {
  readonly now: () => number;
  /** Told of what has fallen due, each once, in order. */
  readonly onDue: (ids: readonly string[]) => void;
}

/**
 * Tells when things fall due. What is asked for by the clock runs by the timer, so that a clock that is set back
 * makes nothing wait any longer.
 */
export class DueTimers {
  readonly #options: DueTimersOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #due = new Set<string>();
  #hand: NodeJS.Immediate | null = null;

  constructor(options: DueTimersOptions) {
    this.#options = options;
  }

  /**
   * Sets, or sets anew, when something is due.
   * @param atMs ms since 1970
   * @param longestMs never later than this from now, whatever the clock says
   */
  set(id: string, atMs: number, longestMs: number): void {
    this.clear(id);
    this.#arm(id, Math.min(Math.max(0, atMs - this.#options.now()), longestMs));
  }

  clear(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#due.delete(id);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#due.clear();
    if (this.#hand !== null) clearImmediate(this.#hand);
  }

  #arm(id: string, leftMs: number): void {
    const stepMs = Math.min(leftMs, MAX_TIMER_MS);
    const timer = setTimeout(() => {
      if (leftMs > stepMs) this.#arm(id, leftMs - stepMs);
      else this.#fallDue(id);
    }, stepMs);
    this.#timers.set(id, timer.unref());
  }

  #fallDue(id: string): void {
    this.#timers.delete(id);
    this.#due.add(id);
    this.#hand ??= setImmediate(() => this.#handOver());
  }

  #handOver(): void {
    const ids = [...this.#due].slice(0, AT_ONCE);
    for (const id of ids) this.#due.delete(id);
    this.#hand = this.#due.size > 0 ? setImmediate(() => this.#handOver()) : null;
    this.#options.onDue(ids);
  }
}
