import { isUserName, type NewUser, ROLES, type Role } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import { integer, optionalInteger, text, word } from '../state/column.js';
import type { Change } from '../state/connection.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { KnownNetworks } from './known-networks.js';
import {
  checkPassword,
  HASH_COST,
  type HashCost,
  hashPassword,
  isOutdated,
  isPassword,
  nobodysHash,
} from './password.js';
import { newId } from './secret.js';

/** Somebody who may log in. Times in ms since 1970. */
export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  /** When they logged in last. */
  readonly lastUsedAt: number | null;
}

export interface UsersOptions {
  readonly now?: () => number;
  /** What a password hash costs; less for tests. */
  readonly cost?: HashCost;
}

/** Log-ins of this user are to end. */
export interface RevokedUser {
  readonly id: string;
  /** The log-in that goes on all the same: the one that changed its own password. */
  readonly except?: string | undefined;
}

/** What else is to be done with a change. */
export interface AlsoOf {
  /** Done in the same transaction. */
  readonly also?: () => void;
  /** Id of the log-in that asks. */
  readonly except?: string | undefined;
}

const MAX_USERS = 1_000;

const columns = {
  id: text('id'),
  name: text('name'),
  role: word('role', ROLES),
  password: text('password'),
  createdAt: integer('created_at'),
  lastUsedAt: optionalInteger('last_used_at'),
};

type Held = UserRecord & { readonly password: string };

/** Those who log in by name and password. All are in memory, in step with the state file. */
export class Users {
  readonly #state: StateFile;
  readonly #now: () => number;
  readonly #cost: HashCost;
  readonly #nobody: string;
  /** By name in lower case. */
  readonly #users = new Map<string, Held>();
  readonly #networks: KnownNetworks;
  readonly #revoked = new Listeners<RevokedUser>();
  readonly #insert: Change;
  readonly #update: Change;
  readonly #delete: Change;

  private constructor(state: StateFile, { now = Date.now, cost = HASH_COST }: UsersOptions) {
    this.#state = state;
    this.#now = now;
    this.#cost = cost;
    this.#nobody = nobodysHash(cost);
    this.#networks = KnownNetworks.open(state);
    this.#insert = state.change(
      'INSERT INTO users (id, name, role, password, created_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#update = state.change('UPDATE users SET role = ?, password = ?, last_used_at = ? WHERE id = ?');
    this.#delete = state.change('DELETE FROM users WHERE id = ?');
  }

  /** Reads all users. */
  static open(state: StateFile, options: UsersOptions = {}): Users {
    const users = new Users(state, options);
    for (const row of state.select(columns, 'FROM users ORDER BY name').all()) users.#hold(row);
    return users;
  }

  /** All users, by name; at most 1,000. */
  list(): readonly UserRecord[] {
    const all = [...this.#users.values()].map(recordOf);
    return all.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  get(name: string): UserRecord | undefined {
    const held = this.#users.get(keyOf(name));
    return held === undefined ? undefined : recordOf(held);
  }

  withId(id: string): UserRecord | undefined {
    for (const held of this.#users.values()) if (held.id === id) return recordOf(held);
    return undefined;
  }

  /**
   * @param also is done in the same transaction
   * @throws FieldlineError `bad_user`, `bad_password` 422, `user_exists`, `too_many_users` 409, those of the state file
   */
  async create({ username: name, password, role }: NewUser, also = () => {}): Promise<UserRecord> {
    if (!isUserName(name)) {
      const rule = 'begins with a letter or digit and has up to 64 letters, digits and . _ @ + -';
      throw new FieldlineError('bad_user', `A user name ${rule}.`, { status: 422 });
    }
    checkPassword(password, name);
    this.#requireRoom(name);
    const hashed = await hashPassword(password, this.#cost);
    this.#requireRoom(name);
    const createdAt = this.#now();
    const held: Held = { id: newId(), name, role, password: hashed, createdAt, lastUsedAt: null };
    this.#state.transaction(() => {
      this.#insert.run(held.id, name, role, hashed, createdAt);
      also();
    });
    this.#hold(held);
    return recordOf(held);
  }

  /**
   * Gives a user another role or password; their log-ins end, but the one that asks when it is their own password.
   * @throws FieldlineError `user_not_found` 404, `last_admin` 409, `bad_password` 422, those of the state file
   */
  async change(
    name: string,
    { role, password }: { readonly role?: Role | undefined; readonly password?: string | undefined },
    { also = () => {}, except }: AlsoOf = {},
  ): Promise<UserRecord> {
    this.#existing(name);
    if (password !== undefined) checkPassword(password, name);
    const hashed = password === undefined ? undefined : await hashPassword(password, this.#cost);
    const before = this.#existing(name);
    const next = { ...before, role: role ?? before.role, password: hashed ?? before.password };
    if (next.role !== 'admin') this.#requireOtherAdmin(before);
    this.#state.transaction(() => {
      this.#write(next);
      also();
    });
    this.#hold(next);
    const isSameRole = next.role === before.role;
    if (!isSameRole || hashed !== undefined) {
      this.#revoked.tell({ id: before.id, ...(isSameRole ? { except } : {}) });
    }
    return recordOf(next);
  }

  /** @throws FieldlineError `user_not_found` 404, `last_admin` 409, and those of the state file */
  remove(name: string, also = () => {}): void {
    const held = this.#existing(name);
    this.#requireOtherAdmin(held);
    this.#state.transaction(() => {
      this.#delete.run(held.id);
      also();
    });
    this.#users.delete(keyOf(name));
    this.#networks.forget(held.id);
    this.#revoked.tell({ id: held.id });
  }

  /** The user with this name and password. A name that does not exist takes as long as one that does. */
  async verify(name: string, password: string): Promise<UserRecord | undefined> {
    const before = this.#users.get(keyOf(name));
    const isRight = await isPassword(password, before?.password ?? this.#nobody);
    const held = this.#users.get(keyOf(name));
    // Whoever was removed, or got another password meanwhile, does not come in by the old one.
    if (!isRight || held === undefined || held.password !== before?.password) return undefined;
    if (isOutdated(held.password, this.#cost)) await this.#renew(held, password);
    return recordOf(held);
  }

  /** Whether this user has logged in from this network before. */
  knows(name: string, network: string): boolean {
    const held = this.#users.get(keyOf(name));
    return held !== undefined && this.#networks.has(held.id, network);
  }

  /** A user has logged in; within a transaction of the state file. */
  arrived({ name }: UserRecord, network: string): void {
    const seen = { ...this.#existing(name), lastUsedAt: this.#now() };
    this.#write(seen);
    this.#networks.add(seen.id, network, this.#now());
    this.#hold(seen);
  }

  /** Tells `listener` whose log-ins are to end; returns the way to stop. It must not throw. */
  onRevoked(listener: (revoked: RevokedUser) => void): () => void {
    return this.#revoked.add(listener);
  }

  /** Hashes again what was hashed at another cost. */
  async #renew({ name, password: before }: Held, password: string): Promise<void> {
    const hashed = await hashPassword(password, this.#cost);
    const held = this.#users.get(keyOf(name));
    if (held === undefined || held.password !== before) return;
    const renewed = { ...held, password: hashed };
    this.#state.transaction(() => this.#write(renewed));
    this.#hold(renewed);
  }

  #write({ role, password, lastUsedAt, id }: Held): void {
    this.#update.run(role, password, lastUsedAt, id);
  }

  #hold(held: Held): void {
    this.#users.set(keyOf(held.name), held);
  }

  #existing(name: string): Held {
    const held = this.#users.get(keyOf(name));
    if (held !== undefined) return held;
    throw new FieldlineError('user_not_found', `There is no user ${name}.`, { status: 404 });
  }

  #requireRoom(name: string): void {
    if (this.#users.has(keyOf(name))) {
      throw new FieldlineError('user_exists', `There is a user ${name} already.`, { status: 409 });
    }
    if (this.#users.size < MAX_USERS) return;
    const message = `There are ${MAX_USERS} users, which is the limit: remove one first.`;
    throw new FieldlineError('too_many_users', message, { status: 409 });
  }

  #requireOtherAdmin({ id, role, name }: Held): void {
    if (role !== 'admin') return;
    for (const other of this.#users.values()) if (other.role === 'admin' && other.id !== id) return;
    const message = `${name} is the last user with the role admin: make another one first.`;
    throw new FieldlineError('last_admin', message, { status: 409 });
  }
}

function keyOf(name: string): string {
  return name.toLowerCase();
}

function recordOf({ password: _, ...record }: Held): UserRecord {
  return record;
}
