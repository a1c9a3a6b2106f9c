import { OneTimeSecrets } from './one-time-secrets.js';
import type { Principal } from './principal.js';

const LIFETIME_MS = 30_000;
const MAX_TICKETS = 10_000;
const MAX_PER_PRINCIPAL = 500;

/** Tickets for the viewer socket, for pages that can send neither a header nor a cookie (protocol §2). */
export class Tickets {
  readonly #secrets: OneTimeSecrets<Principal>;

  constructor({ now }: { now?: () => number } = {}) {
    this.#secrets = new OneTimeSecrets({
      ...{ prefix: 'flt_', lifetimeMs: LIFETIME_MS, now },
      ...{ limit: MAX_TICKETS, limitPerOwner: MAX_PER_PRINCIPAL },
    });
  }

  /** A ticket with its creator's role: good once, within 30 s. `expiresAt` in ms since 1970. */
  create(principal: Principal): { ticket: string; expiresAt: number } {
    const { secret, expiresAt } = this.#secrets.issue(principal, principal.id);
    return { ticket: secret, expiresAt };
  }

  /**
   * Who made the ticket; undefined when it is unknown, used or expired. The creator may have been revoked
   * meanwhile: `Access.redeemTicket` looks.
   */
  redeem(ticket: string): Principal | undefined {
    return this.#secrets.take(ticket);
  }
}
