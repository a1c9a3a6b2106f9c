export interface NameDelaysOptions {
  readonly now?: () => number;
  /** How many names are remembered; beyond it the one is forgotten that failed first. */
  readonly maxNames?: number;
}

interface Failed {
  readonly failures: number;
  readonly lastAt: number;
}

/** Mistypings that cost nothing. */
const FREE_FAILURES = 5;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** After so long without a failure all is forgotten. */
const FORGOTTEN_AFTER_MS = 15 * 60_000;

/**
 * Slows down guessing of one user's password from many addresses: from the sixth failure on, each doubles how
 * long the next attempt for that name has to wait, up to a minute. Never longer: a name cannot be locked.
 * Names that do not exist wait alike, so that nobody learns which do.
 */
export class NameDelays {
  readonly #now: () => number;
  readonly #maxNames: number;
  /** In the order of their last failures. */
  readonly #names = new Map<string, Failed>();

  constructor({ now = Date.now, maxNames = 10_000 }: NameDelaysOptions = {}) {
    this.#now = now;
    this.#maxNames = maxNames;
  }

  /** Names that are remembered. */
  get size(): number {
    return this.#names.size;
  }

  /** How long the next attempt for this name has to wait, in ms; 0 for not at all. */
  waitMs(name: string): number {
    const failed = this.#names.get(keyOf(name));
    if (failed === undefined || failed.failures <= FREE_FAILURES) return 0;
    const doublings = Math.min(16, failed.failures - FREE_FAILURES - 1);
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** doublings);
    return Math.max(0, failed.lastAt + delayMs - this.#now());
  }

  /** An attempt for this name failed. */
  failed(name: string): void {
    const key = keyOf(name);
    const now = this.#now();
    for (const [old, { lastAt }] of this.#names) {
      if (now - lastAt < FORGOTTEN_AFTER_MS) break;
      this.#names.delete(old);
    }
    const failures = (this.#names.get(key)?.failures ?? 0) + 1;
    this.#names.delete(key);
    const [oldest] = this.#names.keys();
    if (oldest !== undefined && this.#names.size >= this.#maxNames) this.#names.delete(oldest);
    this.#names.set(key, { failures, lastAt: now });
  }
}

function keyOf(name: string): string {
  return name.toLowerCase();
}
