import { OneTimeSecrets } from './one-time-secrets.js';
import type { Grant } from './sessions.js';

const LIFETIME_MS = 600_000;
const MAX_LINKS = 100;

/** Codes in links that log a browser in without typing: each once, within ten minutes. */
export class LoginLinks {
  readonly #secrets: OneTimeSecrets<Grant>;

  constructor({ now }: { now?: () => number } = {}) {
    this.#secrets = new OneTimeSecrets({ prefix: '', lifetimeMs: LIFETIME_MS, limit: MAX_LINKS, now });
  }

  /** A code for a log-in with this grant. `expiresAt` in ms since 1970. */
  create(grant: Grant): { code: string; expiresAt: number } {
    const { secret, expiresAt } = this.#secrets.issue(grant, grant.grantedBy);
    return { code: secret, expiresAt };
  }

  /** What the code grants; undefined when it is unknown, used or expired. */
  redeem(code: string): Grant | undefined {
    return this.#secrets.take(code);
  }

  /** Takes back the links of a user, or of a token. */
  revoke(grantedBy: string): void {
    this.#secrets.revoke(grantedBy);
  }
}
