import { type NewApiToken, ROLES, type Role } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import { flag, integer, optionalInteger, text, word } from '../state/column.js';
import type { Change } from '../state/connection.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { LastUsed } from './last-used.js';
import { hashOf, newId, newSecret } from './secret.js';
import { everyTick } from './ticker.js';
import { checkToken } from './token-input.js';
import { type Held, type TokenRecord, TokenTable } from './token-table.js';

const MAX_TOKENS = 1_000;

/** What API tokens begin with, except an admin token from the configuration. */
export const API_TOKEN_PREFIX = 'fla_';

/** A token of a person or a program. */
export interface ApiTokenRecord extends TokenRecord {
  readonly name: string;
  readonly role: Role;
  /** The admin token of the data directory: replaced by a restart with another one, not revoked. */
  readonly isAdminToken: boolean;
}

const columns = {
  id: text('id'),
  hash: text('hash'),
  name: text('name'),
  role: word('role', ROLES),
  isAdminToken: flag('is_admin_token'),
  createdAt: integer('created_at'),
  lastUsedAt: optionalInteger('last_used_at'),
  expiresAt: optionalInteger('expires_at'),
};

/** API tokens. All of them are in memory, in step with the state file. */
export class ApiTokens {
  readonly #state: StateFile;
  readonly #now: () => number;
  readonly #tokens = new TokenTable<ApiTokenRecord>();
  readonly #revoked = new Listeners<string>();
  readonly #lastUsed: LastUsed;
  readonly #insert: Change;
  readonly #delete: Change;
  #stop: () => void = () => {};

  private constructor(state: StateFile, now: () => number) {
    this.#state = state;
    this.#now = now;
    this.#lastUsed = new LastUsed(state, state.change('UPDATE api_tokens SET last_used_at = ? WHERE id = ?'));
    this.#insert = state.change(
      `INSERT INTO api_tokens (id, hash, name, role, is_admin_token, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = state.change('DELETE FROM api_tokens WHERE id = ?');
  }

  /** Reads all tokens; runs until {@link close}. */
  static open(state: StateFile, { now = Date.now }: { now?: () => number } = {}): ApiTokens {
    const tokens = new ApiTokens(state, now);
    for (const row of state.select(columns, 'FROM api_tokens ORDER BY created_at, id').all())
      tokens.#tokens.add(row);
    tokens.#stop = everyTick(() => tokens.tick());
    return tokens;
  }

  /**
   * Makes a token. Only here is it ever shown.
   * @param also is done in the same transaction
   * @throws FieldlineError `bad_token` 422, `too_many_tokens` 409, and those of the state file
   */
  create(
    { name, role, expiresAt }: NewApiToken,
    also: (record: ApiTokenRecord) => void = () => {},
  ): { record: ApiTokenRecord; token: string } {
    checkToken(name, expiresAt ?? null, this.#now());
    if (this.#tokens.size >= MAX_TOKENS) {
      const message = `There are ${MAX_TOKENS} API tokens, which is the limit: revoke one first.`;
      throw new FieldlineError('too_many_tokens', message, { status: 409 });
    }
    const token = newSecret(API_TOKEN_PREFIX);
    const held = this.#held(token, { name, role, isAdminToken: false, expiresAt: expiresAt ?? null });
    const record = recordOf(held);
    this.#state.transaction(() => {
      this.#write(held);
      also(record);
    });
    this.#tokens.add(held);
    return { record, token };
  }

  /**
   * Makes `token` the one admin token. Nothing happens when it is that already; another one that was it is
   * revoked.
   */
  setAdminToken(token: string): ApiTokenRecord {
    const before = this.adminToken;
    const same = before === undefined ? undefined : this.#tokens.get(before.id);
    if (same !== undefined && same.hash === hashOf(token)) return recordOf(same);
    const held = this.#held(token, { name: 'admin', role: 'admin', isAdminToken: true, expiresAt: null });
    const twin = [...this.#tokens.values()].find(({ hash }) => hash === held.hash);
    const replaced = [before, twin].filter((record) => record !== undefined);
    this.#state.transaction(() => {
      for (const { id } of replaced) this.#delete.run(id);
      this.#write(held);
    });
    for (const { id } of replaced) this.#drop(id);
    this.#tokens.add(held);
    return recordOf(held);
  }

  /** The admin token of the data directory; undefined before {@link setAdminToken} was ever called. */
  get adminToken(): ApiTokenRecord | undefined {
    for (const held of this.#tokens.values()) if (held.isAdminToken) return recordOf(held);
    return undefined;
  }

  /** Whether the token with this id would be taken now. */
  isGood(id: string): boolean {
    const held = this.#tokens.get(id);
    return held !== undefined && (held.expiresAt === null || held.expiresAt > this.#now());
  }

  /** Whether there is a token with this id, be it expired. */
  has(id: string): boolean {
    return this.#tokens.get(id) !== undefined;
  }

  /** All tokens, oldest first; at most 1,000. */
  list(): readonly ApiTokenRecord[] {
    return [...this.#tokens.values()].map(recordOf);
  }

  /**
   * @param also is done in the same transaction
   * @throws FieldlineError `token_not_found` 404, `admin_token` 409, and those of the state file
   */
  revoke(id: string, also: (record: ApiTokenRecord) => void = () => {}): void {
    const held = this.#tokens.get(id);
    if (held === undefined) {
      throw new FieldlineError('token_not_found', `There is no API token ${id}.`, { status: 404 });
    }
    if (held.isAdminToken) {
      const message = 'The admin token cannot be revoked: change or remove its file and restart the hub.';
      throw new FieldlineError('admin_token', message, { status: 409 });
    }
    this.#state.transaction(() => {
      this.#delete.run(id);
      also(recordOf(held));
    });
    this.#drop(id);
  }

  /** The token's record; undefined for one that is unknown, revoked or expired. Asks memory only. */
  verify(token: string): ApiTokenRecord | undefined {
    const now = this.#now();
    const held = this.#tokens.use(token, now);
    if (held === undefined) return undefined;
    this.#lastUsed.note(held.id, now);
    return recordOf(held);
  }

  /** Tells `listener` the id of every token that is no longer good; returns the way to stop. It must not throw. */
  onRevoked(listener: (id: string) => void): () => void {
    return this.#revoked.add(listener);
  }

  /** Lets expired tokens end and writes times of last use. Called by itself twice a second. */
  tick(): void {
    const now = this.#now();
    for (const { id } of this.#tokens.expired(now)) this.#revoked.tell(id);
    this.#lastUsed.flush(now);
  }

  /** Writes what waits. To be called before the state file is closed. */
  close(): void {
    this.#stop();
    this.#lastUsed.flush(this.#now(), true);
  }

  #held(
    token: string,
    rest: Pick<ApiTokenRecord, 'name' | 'role' | 'isAdminToken' | 'expiresAt'>,
  ): Held<ApiTokenRecord> {
    return { id: newId(), hash: hashOf(token), createdAt: this.#now(), lastUsedAt: null, ...rest };
  }

  #write({ id, hash, name, role, isAdminToken, createdAt, expiresAt }: Held<ApiTokenRecord>): void {
    this.#insert.run(id, hash, name, role, Number(isAdminToken), createdAt, expiresAt);
  }

  #drop(id: string): void {
    this.#tokens.remove(id);
    this.#lastUsed.forget(id);
    this.#revoked.tell(id);
  }
}

function recordOf(held: Held<ApiTokenRecord>): ApiTokenRecord {
  const { hash: _, ...record } = held;
  return record;
}
