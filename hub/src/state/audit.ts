import { setImmediate as turn } from 'node:timers/promises';
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
/** Entries that are looked at in one go: a few milliseconds on a small machine. */
const SLICE = 2_000;
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
  readonly #slice: Readonly<Record<'all' | 'subject' | 'actor', Select<AuditEntry>>>;
  readonly #newest: Select<{ readonly id: number }>;
  #untilPrune = PRUNE_EVERY;

  constructor(state: StateFile) {
    this.#insert = state.change(
      'INSERT INTO audit (at, actor, address, action, subject, result, details) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#prune = state.change(`DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ${KEPT}`);
    const slice = (which: string) =>
      state.select(
        columns,
        `FROM audit WHERE ${which} AND id < ?1 AND id >= ?8 AND at >= ?5 AND at < ?6
           AND (?3 IS NULL OR action = ?3 OR substr(action, 1, length(?3) + 1) = ?3 || '.')
         ORDER BY id DESC LIMIT ?7`,
      );
    // Each can use an index: one for all, with `?2 IS NULL OR …`, could not.
    this.#slice = {
      all: slice('?2 IS NULL AND ?4 IS NULL'),
      subject: slice('subject = ?4 AND (?2 IS NULL OR actor = ?2)'),
      actor: slice('actor = ?2 AND ?4 IS NULL'),
    };
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

  /** Newest first. However few entries match, others have their turn between the pieces that are looked at. */
  async list(filter: AuditFilter, { limit, cursor }: PageQuery): Promise<Page<AuditEntry>> {
    const found: AuditEntry[] = [];
    const before = cursor === undefined ? undefined : decodeCursor(cursor);
    for (const entries of this.slices(filter, { before, atMost: limit + 1 })) {
      for (const entry of entries) found.push(entry);
      if (found.length > limit) break;
      await turn();
    }
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, next: last !== undefined && found.length > limit ? encodeCursor(last.id) : null };
  }

  /**
   * Everything, newest first, in pieces that each take some milliseconds, however few entries match. What is
   * added meanwhile is not among them.
   * @param before only entries with a smaller id
   * @param atMost of one piece
   */
  *slices(
    filter: AuditFilter,
    { before, atMost = SLICE }: { before?: number | undefined; atMost?: number } = {},
  ): Generator<readonly AuditEntry[]> {
    const newest = this.#newest.get()?.id ?? 0;
    const oldest = newest + 1 - KEPT - PRUNE_EVERY;
    const by = filter.subject !== undefined ? 'subject' : filter.actor !== undefined ? 'actor' : 'all';
    let end = Math.min(before ?? Number.MAX_SAFE_INTEGER, newest + 1);
    while (end > 1 && end > oldest) {
      const start = Math.max(1, end - SLICE);
      const found = this.#slice[by].all(...parameters(filter, end, start, atMost));
      yield found;
      end = found.length < atMost ? start : (found.at(-1)?.id ?? start);
    }
  }
}

function parameters(filter: AuditFilter, before: number, after: number, limit: number): Parameter[] {
  const { actor = null, action = null, subject = null, from = 0, to = Number.MAX_SAFE_INTEGER } = filter;
  return [before, actor, action, subject, from, to, limit, after];
}
