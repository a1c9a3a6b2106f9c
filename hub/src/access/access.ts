import type { Credentials } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import { type Audit, auditName } from '../state/audit.js';
import { Listeners } from '../state/listeners.js';
import type { ApiTokenRecord, ApiTokens } from './api-tokens.js';
import { type LogIn, LoginGuard, type LoginGuardParts } from './login-guard.js';
import type { LoginLinks } from './login-links.js';
import { networkOf } from './network.js';
import { allows, type Principal } from './principal.js';
import { type SESSION_COOKIE, sessionCookie } from './session-cookie.js';
import type { Grant, SessionRecord, Sessions } from './sessions.js';
import type { Tickets } from './tickets.js';
import { TokenGuesses } from './token-guesses.js';

/** A log-in that has begun. */
export interface LoggedIn {
  readonly principal: Principal;
  /** Value for the cookie {@link SESSION_COOKIE}. */
  readonly cookie: string;
  /** When it ends at the latest, ms since 1970. */
  readonly expiresAt: number;
}

export interface AccessParts extends LoginGuardParts {
  readonly apiTokens: ApiTokens;
  readonly sessions: Sessions;
  readonly loginLinks: LoginLinks;
  readonly tickets: Tickets;
  readonly audit: Pick<Audit, 'add'>;
  readonly now?: () => number;
}

/** Who is asking, and how people log in and out. */
export class Access {
  readonly #parts: AccessParts;
  readonly #revoked = new Listeners<string>();
  readonly #guard: LoginGuard;
  readonly #guesses: TokenGuesses;
  #stops: (() => void)[] = [];

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#guard = new LoginGuard(parts);
    this.#guesses = new TokenGuesses({ now: parts.now });
  }

  /** Follows its parts, until {@link close}. */
  open(): void {
    const { apiTokens, sessions, users, loginLinks } = this.#parts;
    this.#stops = [
      sessions.onEnded((id) => this.#revoked.tell(id)),
      users.onRevoked(({ id, except }) => {
        sessions.endGrantedBy(id, except);
        // Else whoever had got in could have left themselves a way back.
        loginLinks.revoke(id);
      }),
      apiTokens.onRevoked((id) => {
        sessions.endGrantedBy(id);
        loginLinks.revoke(id);
        this.#revoked.tell(id);
      }),
    ];
    // What expired while the hub was away has to end before anybody comes with it.
    apiTokens.tick();
  }

  /**
   * Who is asking, by the headers `Authorization` (`Bearer <API token>`) and `Cookie`. Where both are given the
   * token counts, and a bad one is not made good by a cookie.
   * @param address the client's IP address
   */
  authenticate(headers: { authorization?: string; cookie?: string }, address: string): Principal | undefined {
    const { authorization, cookie } = headers;
    if (authorization !== undefined) {
      const token = /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(authorization)?.[1];
      return token === undefined ? undefined : principalOfToken(this.#verifyToken(token, address));
    }
    const value = cookie === undefined ? undefined : sessionCookie(cookie);
    const session = value === undefined ? undefined : this.#parts.sessions.verify(value);
    return session === undefined ? undefined : principalOfSession(session);
  }

  /**
   * Logs somebody in: by user name and password, by `admin` with the admin token as password, or by the code of a
   * log-in link.
   *
   * An address that fails too often has to wait, and so has the next attempt for a name that was guessed at too
   * often. Nobody is locked out by that: the right password passes from where its user has logged in before, and
   * the code of a link is good always. It cannot be guessed, and behind a proxy, where all have one address, it
   * is the way in that nobody else can close.
   * @param address the client's IP address
   * @throws FieldlineError `bad_credentials` 401, `too_many_attempts` 429 with `retryAfterMs`
   */
  async logIn(attempt: LogIn, address: string): Promise<LoggedIn> {
    const by = 'code' in attempt ? 'link' : 'password';
    try {
      const granted =
        'code' in attempt
          ? this.#codeGrant(attempt.code, address)
          : await this.#passwordGrant(attempt, address);
      return this.#begin(granted, by, address);
    } catch (error) {
      if (error instanceof FieldlineError && error.status < 500) {
        this.#guard.noteFailure(attempt, address, error.code);
      }
      throw error;
    }
  }

  /** Ends the log-in. Of a token nothing ends: it goes on until it is revoked. */
  logOut(principal: Principal, address: string): void {
    if (principal.kind !== 'session') return;
    this.#parts.sessions.end(principal.id);
    const actor = auditName({ kind: kindOf(principal), name: principal.name });
    this.#parts.audit.add({ at: this.#now(), actor, address, action: 'session.ended', subject: actor });
  }

  /** The log-ins that go on, as far as somebody may end them: an admin all, others those of the same user or token. */
  openSessions(principal: Principal): SessionRecord[] {
    const { sessions } = this.#parts;
    const own = principal.kind === 'token' ? principal.id : sessions.grantOf(principal.id)?.grantedBy;
    const all = allows(principal.role, 'admin');
    return sessions.list().filter(({ grantedBy }) => all || grantedBy === own);
  }

  /** Ends a log-in that somebody may end. @throws FieldlineError `not_found` 404 */
  endSession(principal: Principal, id: string, address: string): void {
    const session = this.openSessions(principal).find((one) => one.id === id);
    if (session === undefined) throw new FieldlineError('not_found', `no log-in ${id}`, { status: 404 });
    this.#parts.sessions.end(id);
    this.#parts.audit.add({
      at: this.#now(),
      actor: auditName({ kind: kindOf(principal), name: principal.name }),
      address,
      action: 'session.closed',
      subject: auditName({ kind: session.isUser ? 'user' : 'token', name: session.name }),
    });
  }

  /**
   * Asks a user who is logged in for the password again. It counts like a log-in.
   * @throws FieldlineError `bad_credentials` 403, `too_many_attempts` 429
   */
  async confirm(username: string, password: string, address: string): Promise<void> {
    if ((await this.#guard.verify({ username, password }, address)) !== undefined) return;
    this.#guard.noteFailure({ username, password }, address, 'bad_credentials');
    throw new FieldlineError('bad_credentials', 'The current password is wrong.', { status: 403 });
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
    return this.#parts.loginLinks.create({
      grant: grantOf(adminToken),
      maker: { kind: 'token', id: adminToken.id },
    });
  }

  /**
   * A code for a link by which whoever asks logs in once more, somewhere else: good once, within ten minutes, and
   * no longer than the log-in or the token that it was asked with.
   */
  createLinkFor({ kind, id, name, role }: Principal): { code: string; expiresAt: number } {
    const { loginLinks, sessions } = this.#parts;
    const grant = kind === 'session' ? sessions.grantOf(id) : { name, role, grantedBy: id, isUser: false };
    if (grant === undefined)
      throw new FieldlineError('unauthorized', 'This log-in has ended.', { status: 401 });
    return loginLinks.create({ grant, maker: { kind, id } });
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

  #codeGrant(code: string, address: string): Grant {
    const link = this.#parts.loginLinks.redeem(code);
    const grant = link && this.#isGood(link.maker) ? this.#stillGranted(link.grant) : undefined;
    if (grant !== undefined) return grant;
    this.#guard.failed(address);
    const message = 'This log-in link was used already or is too old.';
    throw new FieldlineError('bad_credentials', message, { status: 401 });
  }

  /** Whoever made a link may have been removed, or got another role, meanwhile. */
  #stillGranted(grant: Grant): Grant | undefined {
    const { apiTokens, users } = this.#parts;
    if (!grant.isUser) return apiTokens.isGood(grant.grantedBy) ? grant : undefined;
    const user = users.withId(grant.grantedBy);
    return user === undefined ? undefined : { ...grant, role: user.role };
  }

  #verifyToken(token: string, address: string): ApiTokenRecord | undefined {
    const record = this.#parts.apiTokens.verify(token);
    if (record === undefined) this.#guesses.failed(address);
    return record?.isAdminToken && !this.#guesses.admits(address) ? undefined : record;
  }

  async #passwordGrant(credentials: Credentials, address: string): Promise<Grant> {
    const token = this.#parts.apiTokens.verify(credentials.password);
    if (token?.isAdminToken && credentials.username === token.name) {
      this.#guard.requirePatience(address, null);
      return grantOf(token);
    }
    const user = await this.#guard.verify(credentials, address);
    if (user !== undefined) return { name: user.name, role: user.role, grantedBy: user.id, isUser: true };
    throw new FieldlineError('bad_credentials', 'User name or password is wrong.', { status: 401 });
  }

  #begin(granted: Grant, by: string, address: string): LoggedIn {
    const { sessions, users, audit } = this.#parts;
    const actor = auditName({ kind: granted.isUser ? 'user' : 'token', name: granted.name });
    const { session, cookie, expiresAt } = sessions.create(granted, () => {
      const user = granted.isUser ? users.get(granted.name) : undefined;
      if (user !== undefined) users.arrived(user, networkOf(address));
      const details = { role: granted.role, by };
      audit.add({ at: this.#now(), actor, address, action: 'session.created', subject: actor, details });
    });
    return { principal: principalOfSession(session), cookie, expiresAt };
  }

  #now(): number {
    return (this.#parts.now ?? Date.now)();
  }

  #isGood({ kind, id }: Pick<Principal, 'kind' | 'id'>): boolean {
    const { apiTokens, sessions } = this.#parts;
    return kind === 'token' ? apiTokens.isGood(id) : sessions.has(id);
  }
}

function principalOfToken(record: ApiTokenRecord | undefined): Principal | undefined {
  if (record === undefined) return undefined;
  return { kind: 'token', id: record.id, name: record.name, role: record.role };
}

function principalOfSession({ id, name, role, isUser, grantedBy }: SessionRecord): Principal {
  return { kind: 'session', id, name, role, grantedBy, ...(isUser ? { user: true } : {}) };
}

function kindOf({ user }: Principal): 'user' | 'token' {
  return user === true ? 'user' : 'token';
}

function grantOf({ id, name, role }: ApiTokenRecord): Grant {
  return { name, role, grantedBy: id, isUser: false };
}
