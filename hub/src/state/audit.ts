import type { AuditEntry, Page, PageQuery } from '@fieldline/protocol';
import { integer, json, optionalText, text } from './column.js';
import type { Change, Parameter, Select } from './connection.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { shortText } from './short-text.js';
import type { StateFile } from './state-file.js';

/** What is noted of something that somebody did. */
export interface Deed {
  /** ms since 1970. */
  readonly at: number;
  /** `user:<name>`, `token:<name>` ({@link auditName}); `device:<id>`; `hub` for what happens by itself. */
  readonly actor: string;
  /** Where the request came from; absent for what happens inside. */
  readonly address?: string | undefined;
  /** What was done, such as `command.sent`. */
  readonly action: string;
  /** What it was done to, such as `device:esp-7f3a`. */
  readonly subject: string;
  /** `ok`, or the code of the error. */
  readonly result?: string;
  /** Any JSON. Never a secret. */
  readonly details?: unknown;
}

/** How the audit calls somebody: `user:ada`, `token:ci`, so that a token is not taken for a user of its name. */
export function auditName({ kind, name }: { readonly kind?: string; readonly name: string }): string {
  return kind === undefined ? name : `${kind}:${name}`;
}

/** Which entries are asked for: all that are given must match. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  /** An action, or what actions begin with up to a dot: `command`. */
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Older entries are deleted in steps of this. */
const PRUNE_EVERY = 1_000;
const KEPT = 1_000_000;
/** Entries that are looked at in one go. */
const SLICE = 1_000;
const MAX_TEXT_BYTES = 256;
const MAX_DETAILS_BYTES = 2_048;

const columns = {
  id: integer('id'),
  at: integer('at'),
  actor: text('actor'),
  address: optionalText('address'),
  action: text('action'),
  subject: text('subject'),
  result: text('result'),
  details: json('details'),
};

/** Who did what: append-only, the newest million entries. Written in the transaction of what it tells of. */
export class Audit {
  readonly #insert: Change;
  readonly #prune: Change;
  readonly #page: Select<AuditEntry>;
  readonly #newest: Select<{ readonly id: number }>;
  #untilPrune = PRUNE_EVERY;

  constructor(state: StateFile) {
    this.#insert = state.change(
      'INSERT INTO audit (at, actor, address, action, subject, result, details) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#prune = state.change(`DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ${KEPT}`);
    this.#page = state.select(
      columns,
      `FROM audit WHERE id < ?1 AND id >= ?8 AND (?2 IS NULL OR actor = ?2)
         AND (?3 IS NULL OR action = ?3 OR substr(action, 1, length(?3) + 1) = ?3 || '.')
         AND (?4 IS NULL OR subject = ?4) AND at >= ?5 AND at < ?6
       ORDER BY id DESC LIMIT ?7`,
    );
    this.#newest = state.select({ id: integer('id') }, 'FROM audit ORDER BY id DESC LIMIT 1');
  }

  /** Appends an entry; within a transaction of the state file, together with what it tells of. */
  add({ at, actor, address, action, subject, result = 'ok', details = null }: Deed): void {
    const told = JSON.stringify(details) ?? 'null';
    const kept = Buffer.byteLength(told) <= MAX_DETAILS_BYTES ? told : '"left out: too long"';
    const from = address === undefined ? null : shortText(address, MAX_TEXT_BYTES);
    const [who, what, whom, how] = [actor, action, subject, result].map((one) =>
      shortText(one, MAX_TEXT_BYTES),
    );
    this.#insert.run(at, who ?? '', from, what ?? '', whom ?? '', how ?? '', kept);
    if (--this.#untilPrune > 0) return;
    this.#untilPrune = PRUNE_EVERY;
    this.#prune.run();
  }

  /** Newest first. */
  list(filter: AuditFilter, { limit, cursor }: PageQuery): Page<AuditEntry> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(cursor);
    const rows = this.#page.all(...parameters(filter, before, 0, limit + 1));
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, next: last !== undefined && rows.length > limit ? encodeCursor(last.id) : null };
  }

  /**
   * Everything, newest first, in pieces that each take some milliseconds, however few entries match. What is
   * added meanwhile is not among them.
   */
  *slices(filter: AuditFilter): Generator<readonly AuditEntry[]> {
    let before = (this.#newest.get()?.id ?? 0) + 1;
    const oldest = before - KEPT - PRUNE_EVERY;
    while (before > 1 && before > oldest) {
      const after = Math.max(1, before - SLICE);
      yield this.#page.all(...parameters(filter, before, after, SLICE));
      before = after;
    }
  }
}

function parameters(filter: AuditFilter, before: number, after: number, limit: number): Parameter[] {
  const { actor = null, action = null, subject = null, from = 0, to = Number.MAX_SAFE_INTEGER } = filter;
  return [before, actor, action, subject, from, to, limit, after];
}
