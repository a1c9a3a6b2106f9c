import { ROLES, type Role } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import { flag, integer, text, word } from '../state/column.js';
import type { Change } from '../state/connection.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { LastUsed } from './last-used.js';
import { hashOf, newId, newSecret } from './secret.js';
import { everyTick } from './ticker.js';

/** A log-in of the page. Times in ms since 1970. */
export interface SessionRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Id of the user, or of the API token, that it was made from; it ends with that. */
  readonly grantedBy: string;
  /** Whether that is a user. */
  readonly isUser: boolean;
  readonly createdAt: number;
  /** Exact in memory; on disk up to a minute older. */
  readonly lastSeenAt: number;
}

/** What a log-in may do, and by whose word. */
export type Grant = Pick<SessionRecord, 'name' | 'role' | 'grantedBy' | 'isUser'>;

export interface SessionsOptions {
  readonly now?: () => number;
  /** A log-in that is not used for so long ends. */
  readonly idleMs?: number;
  /** A log-in ends after so long in any case. */
  readonly absoluteMs?: number;
  /** Of more log-ins than this the one ends that was not used for the longest time. */
  readonly maxSessions?: number;
  /** The same of one user, or one token: nobody pushes others out. */
  readonly maxPerGrant?: number;
}

const HOUR_MS = 3_600_000;

const columns = {
  id: text('id'),
  hash: text('hash'),
  name: text('name'),
  role: word('role', ROLES),
  grantedBy: text('coalesce(user, token)'),
  isUser: flag('user IS NOT NULL'),
  createdAt: integer('created_at'),
  lastSeenAt: integer('last_seen_at'),
};

type Held = SessionRecord & { readonly hash: string };

/** Log-ins of the page. They survive a restart; of the cookie only the SHA-256 is kept. */
export class Sessions {
  readonly #state: StateFile;
  readonly #now: () => number;
  readonly #idleMs: number;
  readonly #absoluteMs: number;
  readonly #maxSessions: number;
  readonly #maxPerGrant: number;
  /** By hash; the one that was not used for the longest time first. */
  readonly #sessions = new Map<string, Held>();
  readonly #ended = new Listeners<string>();
  readonly #lastSeen: LastUsed;
  readonly #insert: Change;
  readonly #delete: Change;
  /** Ids of log-ins that have ended and may still be in the file. */
  readonly #gone = new Set<string>();
  #stop: () => void = () => {};

  private constructor(state: StateFile, options: SessionsOptions) {
    this.#state = state;
    this.#now = options.now ?? Date.now;
    this.#idleMs = options.idleMs ?? 12 * HOUR_MS;
    this.#absoluteMs = options.absoluteMs ?? 30 * 24 * HOUR_MS;
    this.#maxSessions = options.maxSessions ?? 1_000;
    this.#maxPerGrant = options.maxPerGrant ?? 50;
    this.#lastSeen = new LastUsed(state, state.change('UPDATE sessions SET last_seen_at = ? WHERE id = ?'));
    this.#insert = state.change(
      `INSERT INTO sessions (id, hash, name, role, token, user, created_at, last_seen_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = state.change('DELETE FROM sessions WHERE id = ?');
  }

  /** Reads all log-ins; runs until {@link close}. */
  static open(state: StateFile, options: SessionsOptions = {}): Sessions {
    const sessions = new Sessions(state, options);
    for (const row of state.select(columns, 'FROM sessions ORDER BY last_seen_at').all()) {
      sessions.#sessions.set(row.hash, row);
    }
    sessions.#stop = everyTick(() => sessions.tick());
    return sessions;
  }

  /**
   * Begins a log-in. `cookie` is the secret; only here is it ever shown.
   * @param also is done in the same transaction
   */
  create(
    { name, role, grantedBy, isUser }: Grant,
    also: () => void = () => {},
  ): { session: SessionRecord; cookie: string; expiresAt: number } {
    this.#makeRoom(grantedBy);
    const now = this.#now();
    const cookie = newSecret('');
    const session = { id: newId(), name, role, grantedBy, isUser, createdAt: now, lastSeenAt: now };
    const hash = hashOf(cookie);
    this.#state.transaction(() => {
      this.#deleteGone();
      const [token, user] = isUser ? [null, grantedBy] : [grantedBy, null];
      this.#insert.run(session.id, hash, name, role, token, user, now, now);
      also();
    });
    this.#gone.clear();
    this.#sessions.set(hash, { ...session, hash });
    return { session, cookie, expiresAt: now + this.#absoluteMs };
  }

  /** The log-in that this cookie stands for; undefined when there is none or it has ended. Asks memory only. */
  verify(cookie: string): SessionRecord | undefined {
    const hash = hashOf(cookie);
    const held = this.#sessions.get(hash);
    const now = this.#now();
    if (held === undefined || this.#isOver(held, now)) return undefined;
    const seen = { ...held, lastSeenAt: now };
    this.#sessions.delete(hash);
    this.#sessions.set(hash, seen);
    this.#lastSeen.note(held.id, now);
    return recordOf(seen);
  }

  /**
   * Ends a log-in; nothing happens when it has ended already.
   * @throws FieldlineError of the state file: it has ended, but a restart may bring it back
   */
  end(id: string): void {
    for (const held of this.#sessions.values()) if (held.id === id) this.#end(held);
    this.#flushGone();
  }

  /** Ends all log-ins that were made from this token or by this user, but the one with the id `except`. */
  endGrantedBy(id: string, except?: string): void {
    for (const held of this.#sessions.values()) {
      if (held.grantedBy === id && held.id !== except) this.#end(held);
    }
  }

  /** By whose word this log-in goes on; undefined when it has ended. */
  grantOf(id: string): Grant | undefined {
    const held = [...this.#sessions.values()].find((one) => one.id === id);
    if (held === undefined) return undefined;
    const { name, role, grantedBy, isUser } = held;
    return { name, role, grantedBy, isUser };
  }

  /** All that go on, the one that was used last first. */
  list(): SessionRecord[] {
    const now = this.#now();
    const open = [...this.#sessions.values()].filter((held) => !this.#isOver(held, now));
    return open.reverse().map(recordOf);
  }

  /** Whether this log-in still goes on. */
  has(id: string): boolean {
    const now = this.#now();
    return [...this.#sessions.values()].some((held) => held.id === id && !this.#isOver(held, now));
  }

  /** Tells `listener` the id of every log-in that ends; returns the way to stop. It must not throw. */
  onEnded(listener: (id: string) => void): () => void {
    return this.#ended.add(listener);
  }

  /** Ends what is over and writes times of last use. Called by itself twice a second. */
  tick(): void {
    const now = this.#now();
    for (const held of this.#sessions.values()) if (this.#isOver(held, now)) this.#end(held);
    try {
      this.#flushGone();
    } catch (error) {
      // It stays in `#gone`, and the next tick tries again.
      if (!(error instanceof FieldlineError)) throw error;
    }
    this.#lastSeen.flush(now);
  }

  /** Writes what waits. To be called before the state file is closed. */
  close(): void {
    this.#stop();
    this.#lastSeen.flush(this.#now(), true);
  }

  #isOver({ createdAt, lastSeenAt }: SessionRecord, now: number): boolean {
    return now - lastSeenAt >= this.#idleMs || now - createdAt >= this.#absoluteMs;
  }

  #makeRoom(grantedBy: string): void {
    const siblings = [...this.#sessions.values()].filter((held) => held.grantedBy === grantedBy);
    const [oldest] = this.#sessions.values();
    if (siblings[0] !== undefined && siblings.length >= this.#maxPerGrant) this.#end(siblings[0]);
    else if (oldest !== undefined && this.#sessions.size >= this.#maxSessions) this.#end(oldest);
  }

  /** In memory at once, so that it holds whatever becomes of the file. */
  #end({ id, hash }: Held): void {
    this.#sessions.delete(hash);
    this.#lastSeen.forget(id);
    this.#gone.add(id);
    this.#ended.tell(id);
  }

  #flushGone(): void {
    if (this.#gone.size === 0) return;
    this.#state.transaction(() => this.#deleteGone());
    this.#gone.clear();
  }

  #deleteGone(): void {
    for (const id of this.#gone) this.#delete.run(id);
  }
}

function recordOf(held: Held): SessionRecord {
  const { hash: _, ...record } = held;
  return record;
}
