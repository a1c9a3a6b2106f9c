import { networkOf } from './network.js';

export interface AttemptLimiterOptions {
  /** Failures of one address within the window, after which it has to wait. */
  readonly failures?: number;
  readonly windowMs?: number;
  /** How many addresses are remembered; beyond it the one is forgotten that failed first. */
  readonly maxAddresses?: number;
  readonly now?: () => number;
}

interface Window {
  failures: number;
  readonly endsAt: number;
}

/**
 * Slows down guessing: so many failures of one address within a minute, then none of its attempts is looked at
 * until the minute is over. Only the address that failed is concerned, and memory is bounded.
 */
export class AttemptLimiter {
  readonly #failures: number;
  readonly #windowMs: number;
  readonly #maxAddresses: number;
  readonly #now: () => number;
  /** In the order in which the windows began, and so end. */
  readonly #windows = new Map<string, Window>();

  constructor(options: AttemptLimiterOptions = {}) {
    this.#failures = options.failures ?? 20;
    this.#windowMs = options.windowMs ?? 60_000;
    this.#maxAddresses = options.maxAddresses ?? 10_000;
    this.#now = options.now ?? Date.now;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#windows.size;
  }

  /** How long this address has to wait, in ms; 0 when it may try. */
  waitMs(address: string): number {
    const window = this.#windows.get(networkOf(address));
    if (window === undefined || window.failures < this.#failures) return 0;
    return Math.max(0, window.endsAt - this.#now());
  }

  /** An attempt of this address failed. */
  failed(address: string): void {
    const network = networkOf(address);
    this.#dropEnded();
    const window = this.#windows.get(network);
    if (window !== undefined) {
      window.failures += 1;
      return;
    }
    const [oldest] = this.#windows.keys();
    if (oldest !== undefined && this.#windows.size >= this.#maxAddresses) this.#windows.delete(oldest);
    this.#windows.set(network, { failures: 1, endsAt: this.#now() + this.#windowMs });
  }

  #dropEnded(): void {
    const now = this.#now();
    for (const [network, { endsAt }] of this.#windows) {
      if (endsAt > now) return;
      this.#windows.delete(network);
    }
  }
}
