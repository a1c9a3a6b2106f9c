import { hashOf, newSecret } from './secret.js';

export interface OneTimeOptions {
  readonly prefix: string;
  readonly lifetimeMs: number;
  /** Of more than this the oldest is no longer good. */
  readonly limit: number;
  readonly now?: (() => number) | undefined;
}

interface Entry<Meaning> {
  readonly meaning: Meaning;
  readonly expiresAt: number;
}

/** Secrets that are good once and for a short time. They live in memory and end with the process. */
export class OneTimeSecrets<Meaning> {
  readonly #options: OneTimeOptions;
  readonly #now: () => number;
  /** By hash, oldest first; since all live equally long, also in the order in which they expire. */
  readonly #entries = new Map<string, Entry<Meaning>>();

  constructor(options: OneTimeOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Makes a secret that stands for `meaning`. */
  issue(meaning: Meaning): { secret: string; expiresAt: number } {
    this.#dropExpired();
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= this.#options.limit) this.#entries.delete(oldest);
    const secret = newSecret(this.#options.prefix);
    const expiresAt = this.#now() + this.#options.lifetimeMs;
    this.#entries.set(hashOf(secret), { meaning, expiresAt });
    return { secret, expiresAt };
  }

  /** What the secret stands for, once; undefined when it is unknown, used or expired. */
  take(secret: string): Meaning | undefined {
    this.#dropExpired();
    const hash = hashOf(secret);
    const entry = this.#entries.get(hash);
    this.#entries.delete(hash);
    return entry?.meaning;
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [hash, { expiresAt }] of this.#entries) {
      if (expiresAt > now) return;
      this.#entries.delete(hash);
    }
  }
}
