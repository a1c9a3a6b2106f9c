import type { ApiTokens } from './api-tokens.js';
import { allows } from './principal.js';
import type { Users } from './users.js';

export interface GiversParts {
  readonly apiTokens: Pick<ApiTokens, 'has' | 'onRevoked'>;
  readonly users: Pick<Users, 'withId' | 'onRevoked'>;
}

/** Whose word a command needs. */
export type GiverCheck = Pick<Givers, 'isBarred'>;

/**
 * Those by whose word devices are given commands, each `user:<id>` or `token:<id>`. What somebody gave and was not sent
 * yet is not to be sent once nobody trusts him any more: his token was revoked, or he was removed, or may only look.
 * A log-in that ends, a password that changes and a token that expires say nothing against what was given before.
 */
export class Givers {
  readonly #parts: GiversParts;

  constructor(parts: GiversParts) {
    this.#parts = parts;
  }

  isBarred(giver: string): boolean {
    const { apiTokens, users } = this.#parts;
    const [kind, id = ''] = giver.split(':', 2);
    if (kind === 'token') return !apiTokens.has(id);
    const user = users.withId(id);
    return user === undefined || !allows(user.role, 'operator');
  }

  /** Calls `listener`, which must not throw, when some may have been barred. Returns the way to stop. */
  onBarred(listener: () => void): () => void {
    const { apiTokens, users } = this.#parts;
    const stops = [apiTokens.onRevoked(listener), users.onRevoked(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }
}
