import type { Credentials, LoginCode } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import type { Counters } from '../ops/counters.js';
import { auditName } from '../state/audit.js';
import type { AttemptLimiter } from './attempt-limiter.js';
import type { NameDelays } from './name-delays.js';
import { networkOf } from './network.js';
import { PasswordQueue } from './password-queue.js';
import type { RepeatedDeeds } from './repeated-deeds.js';
import type { UserRecord, Users } from './users.js';

/** What somebody logs in with: a password, or the code of a log-in link. */
export type LogIn = Credentials | LoginCode;

export interface LoginGuardParts {
  readonly users: Users;
  /** Of its own: failures of devices must not keep people from logging in. */
  readonly attempts: AttemptLimiter;
  /** Guessing of one user's password from many addresses. */
  readonly delays: NameDelays;
  /** Failures, which anybody can repeat. */
  readonly failures: RepeatedDeeds;
  /** Counts refused log-ins. */
  readonly counters?: Pick<Counters, 'logInFailures'> | undefined;
}

/** Slows down guessing: who fails has to wait, and passwords are checked one at a time. Nobody is locked out by it. */
export class LoginGuard {
  readonly #parts: LoginGuardParts;
  readonly #queue = new PasswordQueue();

  constructor(parts: LoginGuardParts) {
    this.#parts = parts;
  }

  /**
   * The user with this name and password; undefined where one of them is wrong, which counts as a failure.
   * @throws FieldlineError `too_many_attempts` 429 with `retryAfterMs`
   */
  async verify({ username, password }: Credentials, address: string): Promise<UserRecord | undefined> {
    const { users, attempts, delays } = this.#parts;
    const network = networkOf(address);
    const isKnown = users.knows(username, network);
    if (!isKnown) this.requirePatience(address, username);
    const user = await this.#queue.run({ network, isKnown }, async () => {
      // Others may have failed while this one waited for its turn.
      if (!isKnown) this.requirePatience(address, username);
      return users.verify(username, password);
    });
    if (user !== undefined) return user;
    const waitMs = this.#waitMs(address, username);
    attempts.failed(address);
    delays.failed(username);
    // From a known place the right password would have passed; a wrong one is told what everybody is told.
    if (waitMs > 0) throw tooMany(waitMs);
    return undefined;
  }

  /**
   * Refuses whoever failed too often, at this address or by this name, and counts the try.
   * @throws FieldlineError `too_many_attempts` 429 with `retryAfterMs`
   */
  requirePatience(address: string, username: string | null): void {
    const waitMs = this.#waitMs(address, username);
    if (waitMs === 0) return;
    this.#parts.attempts.failed(address);
    throw tooMany(waitMs);
  }

  #waitMs(address: string, username: string | null): number {
    const { attempts, delays } = this.#parts;
    return Math.max(attempts.waitMs(address), username === null ? 0 : delays.waitMs(username));
  }

  /** A code was wrong. @throws FieldlineError `too_many_attempts` 429 with `retryAfterMs` */
  failed(address: string): void {
    this.requirePatience(address, null);
    this.#parts.attempts.failed(address);
  }

  /** Takes note of a refused log-in. Names that do not exist are not told: people type passwords into the wrong field. */
  noteFailure(attempt: LogIn, address: string, result: string): void {
    const { users, failures, counters } = this.#parts;
    if (counters !== undefined) counters.logInFailures++;
    const user = 'username' in attempt ? users.get(attempt.username) : undefined;
    const subject = user === undefined ? 'session' : auditName({ kind: 'user', name: user.name });
    const action = 'session.refused';
    failures.note(`${networkOf(address)} ${subject}`, { actor: 'nobody', address, action, subject, result });
  }
}

function tooMany(retryAfterMs: number): FieldlineError {
  const message = 'Too many failed attempts to log in: wait a little.';
  return new FieldlineError('too_many_attempts', message, { status: 429, retryAfterMs });
}
