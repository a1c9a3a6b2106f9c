import { integer, text } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** For so long a repeated request is answered with the first one's command (protocol §3 "Commands"). */
const KEPT_MS = 86_400_000;

const columns = { bodyHash: text('body_hash'), command: text('command'), createdAt: integer('created_at') };

/** Which request made which command, by `Idempotency-Key`, so that a repeated one makes no second. */
export class IdempotencyKeys {
  readonly #insert: Change;
  readonly #expire: Change;
  readonly #one: Select<{ bodyHash: string; command: string; createdAt: number }>;

  constructor(state: StateFile) {
    this.#insert = state.change(
      'INSERT OR REPLACE INTO idempotency_keys (scope, key, body_hash, command, created_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#expire = state.change('DELETE FROM idempotency_keys WHERE created_at < ?');
    this.#one = state.select(columns, 'FROM idempotency_keys WHERE scope = ? AND key = ?');
  }

  /** What a request with this key made, within the last day. @param scope the token and the route */
  find(scope: string, key: string, nowMs: number): { bodyHash: string; command: string } | undefined {
    const found = this.#one.get(scope, key);
    return found !== undefined && found.createdAt >= nowMs - KEPT_MS ? found : undefined;
  }

  /**
   * Notes what a request made; in the transaction that makes it. It takes the place of an earlier one with its key.
   * Forgets those of the day before.
   */
  add(scope: string, key: string, bodyHash: string, command: string, nowMs: number): void {
    this.#expire.run(nowMs - KEPT_MS);
    this.#insert.run(scope, key, bodyHash, command, nowMs);
  }
}
