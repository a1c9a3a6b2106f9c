import { OneTimeSecrets } from './one-time-secrets.js';
import type { Principal } from './principal.js';
import type { Grant } from './sessions.js';

const LIFETIME_MS = 600_000;
const MAX_LINKS = 100;

/** What a link stands for. */
export interface LoginLink {
  readonly grant: Grant;
  /** The log-in or the token by which it was made: it is good no longer than that. */
  readonly maker: Pick<Principal, 'kind' | 'id'>;
}

/** Codes in links that log a browser in without typing: each once, within ten minutes. */
export class LoginLinks {
  readonly #secrets: OneTimeSecrets<LoginLink>;

  constructor({ now }: { now?: () => number } = {}) {
    this.#secrets = new OneTimeSecrets({ prefix: '', lifetimeMs: LIFETIME_MS, limit: MAX_LINKS, now });
  }

  /** A code for a log-in with this grant. `expiresAt` in ms since 1970. */
  create(link: LoginLink): { code: string; expiresAt: number } {
    const { secret, expiresAt } = this.#secrets.issue(link, link.grant.grantedBy);
    return { code: secret, expiresAt };
  }

  /**
   * What the code stands for; undefined when it is unknown, used or expired. Its maker may have ended meanwhile:
   * `Access.logIn` looks.
   */
  redeem(code: string): LoginLink | undefined {
    return this.#secrets.take(code);
  }

  /** Takes back the links of a user, or of a token. */
  revoke(grantedBy: string): void {
    this.#secrets.revoke(grantedBy);
  }
}
