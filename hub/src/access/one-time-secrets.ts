import { hashOf, newSecret } from './secret.js';

export interface OneTimeOptions {
  readonly prefix: string;
  readonly lifetimeMs: number;
  /** Of more than this the oldest is no longer good. */
  readonly limit: number;
  /** The same of one owner: nobody pushes others out. */
  readonly limitPerOwner?: number;
  readonly now?: (() => number) | undefined;
}

interface Entry<Meaning> {
  readonly meaning: Meaning;
  /** Id of the log-in, user or token that it was made for. */
  readonly owner: string;
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

  /** Makes a secret of `owner` that stands for `meaning`. */
  issue(meaning: Meaning, owner: string): { secret: string; expiresAt: number } {
    this.#dropExpired();
    this.#makeRoom(owner);
    const secret = newSecret(this.#options.prefix);
    const expiresAt = this.#now() + this.#options.lifetimeMs;
    this.#entries.set(hashOf(secret), { meaning, owner, expiresAt });
    return { secret, expiresAt };
  }

  /** Takes back all that this owner has. */
  revoke(owner: string): void {
    for (const [hash, entry] of this.#entries) if (entry.owner === owner) this.#entries.delete(hash);
  }

  /** What the secret stands for, once; undefined when it is unknown, used or expired. */
  take(secret: string): Meaning | undefined {
    this.#dropExpired();
    const hash = hashOf(secret);
    const entry = this.#entries.get(hash);
    this.#entries.delete(hash);
    return entry?.meaning;
  }

  #makeRoom(owner: string): void {
    const { limit, limitPerOwner = limit } = this.#options;
    const own = [...this.#entries].filter(([, entry]) => entry.owner === owner);
    const [oldest] = own.length >= limitPerOwner ? own : this.#entries;
    if (oldest !== undefined && (own.length >= limitPerOwner || this.#entries.size >= limit)) {
      this.#entries.delete(oldest[0]);
    }
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [hash, { expiresAt }] of this.#entries) {
      if (expiresAt > now) return;
      this.#entries.delete(hash);
    }
  }
}
