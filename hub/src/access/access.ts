import { FieldlineError } from '../errors.js';
import { Listeners } from '../state/listeners.js';
import type { ApiTokenRecord, ApiTokens } from './api-tokens.js';
import type { AttemptLimiter } from './attempt-limiter.js';
import type { LoginLinks } from './login-links.js';
import type { Principal } from './principal.js';
import type { Grant, SessionRecord, Sessions } from './sessions.js';
import type { Tickets } from './tickets.js';

/** Name of the cookie that stands for a log-in. */
export const SESSION_COOKIE = 'fieldline_session';

/** What somebody logs in with: a password, or the code of a log-in link. */
export type LogIn = { readonly username: string; readonly password: string } | { readonly code: string };

/** A log-in that has begun. */
export interface LoggedIn {
  readonly principal: Principal;
  /** Value for the cookie {@link SESSION_COOKIE}. */
  readonly cookie: string;
  /** When it ends at the latest, ms since 1970. */
  readonly expiresAt: number;
}

export interface AccessParts {
  readonly apiTokens: ApiTokens;
  readonly sessions: Sessions;
  readonly loginLinks: LoginLinks;
  readonly tickets: Tickets;
  /** Of its own: failures of devices must not keep people from logging in. */
  readonly attempts: AttemptLimiter;
}

/** Who is asking, and how people log in and out. */
export class Access {
  readonly #parts: AccessParts;
  readonly #revoked = new Listeners<string>();
  #stops: (() => void)[] = [];

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  /** Follows its parts, until {@link close}. */
  open(): void {
    const { apiTokens, sessions } = this.#parts;
    this.#stops = [
      sessions.onEnded((id) => this.#revoked.tell(id)),
      apiTokens.onRevoked((id) => {
        sessions.endGrantedBy(id);
        this.#revoked.tell(id);
      }),
    ];
  }

  /**
   * Who is asking, by the headers `Authorization` (`Bearer <API token>`) and `Cookie`. Where both are given the
   * token counts, and a bad one is not made good by a cookie.
   */
  authenticate(headers: { authorization?: string; cookie?: string }): Principal | undefined {
    const { authorization, cookie } = headers;
    if (authorization !== undefined) {
      const token = /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(authorization)?.[1];
      return token === undefined ? undefined : principalOfToken(this.#parts.apiTokens.verify(token));
    }
    const value = cookie === undefined ? undefined : sessionCookie(cookie);
    const session = value === undefined ? undefined : this.#parts.sessions.verify(value);
    return session === undefined ? undefined : principalOfSession(session);
  }

  /**
   * Logs somebody in: user name `admin` with the admin token as password, or the code of a log-in link.
   *
   * An address that fails too often has to wait. The code of a link is good even then: it cannot be guessed, and
   * behind a proxy, where all have one address, it is the way in that nobody else can close.
   * @param address the client's IP address
   * @throws FieldlineError `bad_credentials` 401, `too_many_attempts` 429 with `retryAfterMs`
   */
  logIn(attempt: LogIn, address: string): LoggedIn {
    const grant = 'code' in attempt ? this.#parts.loginLinks.redeem(attempt.code) : undefined;
    const granted = grant ?? this.#passwordGrant(attempt, address);
    const { session, cookie, expiresAt } = this.#parts.sessions.create(granted);
    return { principal: principalOfSession(session), cookie, expiresAt };
  }

  /** Ends the log-in. Of a token nothing ends: it goes on until it is revoked. */
  logOut(principal: Principal): void {
    if (principal.kind === 'session') this.#parts.sessions.end(principal.id);
  }

  /** Who made this ticket; undefined when it is unknown, used or expired, or its creator was revoked meanwhile. */
  redeemTicket(ticket: string): Principal | undefined {
    const principal = this.#parts.tickets.redeem(ticket);
    return principal !== undefined && this.#isGood(principal) ? principal : undefined;
  }

  /** A code for a link that logs in as admin. @throws FieldlineError when no admin token was set */
  createLoginLink(): { code: string; expiresAt: number } {
    const { adminToken } = this.#parts.apiTokens;
    if (adminToken === undefined) throw new FieldlineError('no_admin_token', 'There is no admin token.');
    return this.#parts.loginLinks.create(grantOf(adminToken));
  }

  /**
   * Tells `listener` the id of every principal that may no longer do anything: a token that was revoked or has
   * expired, a log-in that ended. Returns the way to stop. It must not throw.
   */
  onRevoked(listener: (principalId: string) => void): () => void {
    return this.#revoked.add(listener);
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  #passwordGrant(attempt: LogIn, address: string): Grant {
    const { attempts, apiTokens } = this.#parts;
    const retryAfterMs = attempts.waitMs(address);
    if (retryAfterMs > 0) {
      const message = 'Too many failed attempts to log in from this address.';
      throw new FieldlineError('too_many_attempts', message, { status: 429, retryAfterMs });
    }
    const token = 'password' in attempt ? apiTokens.verify(attempt.password) : undefined;
    if (token?.isAdminToken && 'username' in attempt && attempt.username === token.name)
      return grantOf(token);
    attempts.failed(address);
    const message =
      'code' in attempt
        ? 'This log-in link was used already or is too old.'
        : 'User name or password is wrong.';
    throw new FieldlineError('bad_credentials', message, { status: 401 });
  }

  #isGood({ kind, id }: Principal): boolean {
    const { apiTokens, sessions } = this.#parts;
    return kind === 'token' ? apiTokens.isGood(id) : sessions.has(id);
  }
}

function principalOfToken(record: ApiTokenRecord | undefined): Principal | undefined {
  if (record === undefined) return undefined;
  return { kind: 'token', id: record.id, name: record.name, role: record.role };
}

function principalOfSession({ id, name, role }: SessionRecord): Principal {
  return { kind: 'session', id, name, role };
}

function grantOf({ id, name, role }: ApiTokenRecord): Grant {
  return { name, role, grantedBy: id };
}

/** The value of our cookie in a `Cookie` header (RFC 6265 §4.2). */
function sessionCookie(header: string): string | undefined {
  for (const pair of header.split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE) return value;
  }
  return undefined;
}
