import { AttemptLimiter } from './attempt-limiter.js';
import { networkOf } from './network.js';

/** Wrong tokens of one address within a minute, after which the admin token is not looked at from there. */
const FAILURES = 100;
/** Networks that are remembered; beyond it the one is forgotten from which it came first. */
const MAX_KNOWN = 100;

/**
 * Keeps the admin token from being guessed: people choose it, and it may be short. All other tokens are made by the
 * hub, and nobody guesses 256 bits. From where the admin token came before it is taken always, so that nobody who
 * shares that address can lock its owner out.
 */
export class TokenGuesses {
  readonly #attempts: AttemptLimiter;
  readonly #known = new Set<string>();

  constructor({ now }: { now?: (() => number) | undefined } = {}) {
    this.#attempts = new AttemptLimiter({ failures: FAILURES, ...(now === undefined ? {} : { now }) });
  }

  /** A token that is not known came from here. */
  failed(address: string): void {
    this.#attempts.failed(address);
  }

  /** The right admin token came from here: whether it is to be taken. Who is not believed must not learn why. */
  admits(address: string): boolean {
    const network = networkOf(address);
    if (this.#known.has(network)) return true;
    if (this.#attempts.waitMs(address) > 0) return false;
    const [oldest] = this.#known;
    if (oldest !== undefined && this.#known.size >= MAX_KNOWN) this.#known.delete(oldest);
    this.#known.add(network);
    return true;
  }
}
