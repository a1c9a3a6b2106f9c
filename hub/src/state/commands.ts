import {
  COMMAND_STATES,
  type CommandState,
  LIMITS,
  type Page,
  type PageQuery,
  type Value,
  VERIFICATIONS,
} from '@fieldline/protocol';
import type { Command } from '../commands/command.js';
import { flag, integer, json, optionalInteger, optionalText, optionalWord, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

const columns = {
  id: text('id'),
  device: text('device'),
  name: text('name'),
  params: json('params'),
  state: word('state', COMMAND_STATES),
  queue: flag('queue'),
  ttl: integer('ttl'),
  timeout: integer('timeout'),
  createdAt: integer('created_at'),
  sentAt: optionalInteger('sent_at'),
  acceptedAt: optionalInteger('accepted_at'),
  finishedAt: optionalInteger('finished_at'),
  boot: optionalText('boot'),
  result: json('result'),
  errorCode: optionalText('error_code'),
  errorMessage: optionalText('error_message'),
  verification: optionalWord('verification', VERIFICATIONS),
  verifiedAt: optionalInteger('verified_at'),
  by: text('given_by'),
  giver: optionalText('giver'),
};
type Row = { [K in keyof typeof columns]: ReturnType<(typeof columns)[K]['read']> };

/** Ended commands that are kept of each device: the newest. */
const KEPT_PER_DEVICE = 1_000;
/** So often the older ones are deleted. */
const PRUNE_EVERY = 100;
/** After `Z` no ULID follows. */
const LAST_ID = 'Z'.repeat(26);

/** All commands, durable. What goes together goes into one {@link StateFile.transaction}. */
export class CommandStore {
  readonly #insert: Change;
  readonly #update: Change;
  readonly #prune: Change;
  readonly #one: Select<Row>;
  readonly #alive: Select<Row>;
  readonly #pages: ReturnType<typeof selectPages>;
  readonly #unanswered: Select<Row>;
  readonly #newest: Select<{ id: string }>;
  /** How many of a device have come since its older ones were deleted. */
  readonly #sincePrune = new Map<string, number>();

  constructor(state: StateFile) {
    this.#insert = state.change(
      `INSERT INTO commands (id, device, name, params, state, queue, ttl, timeout, created_at, result, given_by, giver)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'null', ?, ?)`,
    );
    this.#update = state.change(
      `UPDATE commands SET state = ?, sent_at = ?, accepted_at = ?, finished_at = ?, boot = ?, result = ?,
         error_code = ?, error_message = ?, verification = ?, verified_at = ? WHERE id = ?`,
    );
    this.#prune = state.change(
      `DELETE FROM commands WHERE device = ?1 AND state NOT IN ('queued', 'sent', 'accepted') AND id <
         (SELECT id FROM commands WHERE device = ?1 ORDER BY id DESC LIMIT 1 OFFSET ${KEPT_PER_DEVICE})`,
    );
    this.#one = state.select(columns, 'FROM commands WHERE id = ?');
    this.#unanswered = state.select(
      columns,
      `FROM (SELECT * FROM commands WHERE device = ?1 AND sent_at IS NOT NULL ORDER BY id DESC
         LIMIT ${LIMITS.rememberedCommands})
       WHERE state = 'timed_out' AND boot = ?2 AND sent_at >= ?3 ORDER BY id`,
    );
    this.#newest = state.select({ id: columns.id }, 'FROM commands ORDER BY id DESC LIMIT 1');
    this.#alive = state.select(
      columns,
      `FROM commands WHERE state IN ('queued', 'sent', 'accepted') OR verification = 'pending' ORDER BY id`,
    );
    this.#pages = selectPages(state);
  }

  /** Adds a command that is `queued`. */
  insert({ id, device, name, params, state, queue, ttl, timeout, createdAt, by, giver }: Command): void {
    this.#insert.run(
      id,
      device,
      name,
      JSON.stringify(params),
      state,
      queue ? 1 : 0,
      ttl,
      timeout,
      createdAt,
      by,
      giver,
    );
    const count = this.#sincePrune.get(device) ?? 0;
    this.#sincePrune.set(device, (count + 1) % PRUNE_EVERY);
    if (count === 0) this.#prune.run(device);
  }

  /**
   * Commands sent to a device since `sinceMs` whose outcome is unknown, and which it still remembers when it has not
   * restarted since; oldest first.
   */
  unanswered(device: string, boot: string, sinceMs: number): Command[] {
    return this.#unanswered.all(device, boot, sinceMs).map(commandOf);
  }

  /** The id of the newest command; null while there is none. */
  newestId(): string | null {
    return this.#newest.get()?.id ?? null;
  }

  /** Writes what may change of a command. */
  update(command: Command): void {
    const { id, state, sentAt, acceptedAt, finishedAt, boot, error, verification, verifiedAt } = command;
    const result = JSON.stringify(command.result ?? null);
    const answer = [result, error?.code ?? null, error?.message ?? null] as const;
    this.#update.run(state, sentAt, acceptedAt, finishedAt, boot, ...answer, verification, verifiedAt, id);
  }

  get(id: string): Command | undefined {
    const row = this.#one.get(id);
    return row && commandOf(row);
  }

  /** Those that have not ended, or whose effect is still watched; oldest first. */
  alive(): Command[] {
    return this.#alive.all().map(commandOf);
  }

  /** Newest first; the cursor is the id of the last one seen. */
  list(filter: { device?: string; state?: CommandState }, { limit, cursor }: PageQuery): Page<Command> {
    const rows = this.#rows(filter, cursor ?? LAST_ID, limit + 1);
    const items = rows.slice(0, limit).map(commandOf);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  #rows({ device, state }: { device?: string; state?: CommandState }, before: string, count: number): Row[] {
    const { all, ofDevice, inState, ofDeviceInState } = this.#pages;
    if (device === undefined) {
      return state === undefined ? all.all(before, count) : inState.all(before, count, state);
    }
    return state === undefined
      ? ofDevice.all(before, count, device)
      : ofDeviceInState.all(before, count, device, state);
  }
}

/** A statement for each filter: one for all of them would have no use for an index, and read the whole table. */
function selectPages(state: StateFile) {
  const page = (where: string) =>
    state.select(columns, `FROM commands WHERE ${where} id < ?1 ORDER BY id DESC LIMIT ?2`);
  return {
    all: page(''),
    ofDevice: page('device = ?3 AND'),
    inState: page('state = ?3 AND'),
    ofDeviceInState: page('device = ?3 AND state = ?4 AND'),
  };
}

function commandOf({ errorCode, errorMessage, ...row }: Row): Command {
  const error = errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' };
  return { ...row, params: row.params as Record<string, Value | null>, error };
}
