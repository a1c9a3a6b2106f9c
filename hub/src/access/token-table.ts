import type { TokenView } from '@fieldline/protocol';
import { hashOf } from './secret.js';

/** What every kind of token has, as it is shown. `lastUsedAt` is exact in memory, on disk up to a minute older. */
export type TokenRecord = TokenView;

/** A token with what is needed to recognise it. */
export type Held<R extends TokenRecord> = R & { readonly hash: string };

/**
 * Tokens in memory, found by their hash or by their id. Those that have expired are kept, so that people see
 * what happened to them, but no longer found by their hash.
 */
export class TokenTable<R extends TokenRecord> {
  readonly #byId = new Map<string, Held<R>>();
  readonly #byHash = new Map<string, string>();
  /** When the next one expires, ms since 1970: nothing is searched for before. */
  #nextExpiry = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#byId.size;
  }

  add(held: Held<R>): void {
    this.#byId.set(held.id, held);
    this.#byHash.set(held.hash, held.id);
    this.#nextExpiry = Math.min(this.#nextExpiry, held.expiresAt ?? Number.POSITIVE_INFINITY);
  }

  get(id: string): Held<R> | undefined {
    return this.#byId.get(id);
  }

  remove(id: string): void {
    const held = this.#byId.get(id);
    if (held === undefined) return;
    this.#byId.delete(id);
    this.#byHash.delete(held.hash);
  }

  /** The token that is this secret, noted as used now; undefined when there is none or it has expired. */
  use(secret: string, nowMs: number): Held<R> | undefined {
    const held = this.#byId.get(this.#byHash.get(hashOf(secret)) ?? '');
    if (held === undefined || (held.expiresAt !== null && held.expiresAt <= nowMs)) return undefined;
    const used = { ...held, lastUsedAt: nowMs };
    this.#byId.set(held.id, used);
    return used;
  }

  values(): Iterable<Held<R>> {
    return this.#byId.values();
  }

  /** Those that have expired since the last call. */
  expired(nowMs: number): Held<R>[] {
    if (nowMs < this.#nextExpiry) return [];
    const expired: Held<R>[] = [];
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (const held of this.#byId.values()) {
      if (held.expiresAt === null || !this.#byHash.has(held.hash)) continue;
      if (held.expiresAt > nowMs) this.#nextExpiry = Math.min(this.#nextExpiry, held.expiresAt);
      else {
        this.#byHash.delete(held.hash);
        expired.push(held);
      }
    }
    return expired;
  }
}
