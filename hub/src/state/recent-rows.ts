import type { Page, PageQuery } from '@fieldline/protocol';
import type { Columns, RowOf } from './column.js';
import { integer } from './column.js';
import type { Change, Parameter, Select } from './connection.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { StateFile } from './state-file.js';

/** How many rows of one device are kept: the newest. */
export const KEPT_PER_DEVICE = 1_000;

/**
 * How many rows may wait for {@link RecentRows.flush}, of all devices together. Writing a row takes some 10 µs,
 * during which the event loop waits.
 */
export const MAX_WAITING = 5_000;

/** How many devices' row counts are remembered; asking the file again costs little. */
const MAX_COUNTS = 20_000;

interface Waiting {
  readonly device: string;
  readonly parameters: readonly Parameter[];
}

const position = { position: integer('id') };

/**
 * A table that keeps the newest rows of each device. Rows are gathered in memory and written in one transaction;
 * rows of devices that are not in the registry (any more) are left out.
 */
export class RecentRows<C extends Columns> {
  /** Rows that were dropped unwritten, because more waited than may. */
  dropped = 0;
  readonly #state: StateFile;
  readonly #maxWaiting: number;
  #waiting: Waiting[] = [];
  /** At most so many rows are stored, by device: fewer when the device was deleted meanwhile. */
  readonly #stored = new Map<string, number>();
  readonly #insert: Change;
  readonly #trim: Change;
  readonly #count: Select<{ count: number }>;
  readonly #page: Select<RowOf<C> & RowOf<typeof position>>;

  /**
   * @param table has the columns `id` (ascending with the age), `device`, and those named in `inserted`
   * @param maxWaiting how many rows may wait, of all devices together
   */
  constructor(
    state: StateFile,
    table: string,
    inserted: readonly string[],
    columns: C,
    maxWaiting = MAX_WAITING,
  ) {
    this.#state = state;
    this.#maxWaiting = maxWaiting;
    const values = inserted.map(() => ', ?').join('');
    this.#insert = state.change(
      `INSERT INTO ${table} (device, ${inserted.join(', ')}) SELECT id${values} FROM devices WHERE id = ?`,
    );
    this.#trim = state.change(
      `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE device = ? ORDER BY id LIMIT ?)`,
    );
    this.#count = state.select({ count: integer('count(*)') }, `FROM ${table} WHERE device = ?`);
    this.#page = state.select(
      { ...columns, ...position },
      `FROM ${table} WHERE device = ? AND id < ? ORDER BY id DESC LIMIT ?`,
    );
  }

  /** Rows that wait to be written. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a row; `parameters` in the order of the inserted columns. The oldest gives way when too many wait. */
  add(device: string, parameters: readonly Parameter[]): void {
    if (this.#waiting.length >= this.#maxWaiting) {
      // A tenth at once: taking single ones from the front would cost a copy each.
      this.dropped += this.#waiting.splice(0, this.#maxWaiting / 10).length;
    }
    this.#waiting.push({ device, parameters });
  }

  /**
   * Writes what waits, in one transaction. When it throws, everything still waits.
   * @param atMost of the oldest rows: the event loop waits meanwhile. They are synced with the last
   * @throws FieldlineError `state_unwritable`, `state_damaged`
   */
  flush(atMost = this.#waiting.length): void {
    this.#store(this.#waiting.slice(0, atMost), atMost >= this.#waiting.length);
    this.#waiting.splice(0, atMost);
  }

  /** Rows of one device, newest first, those that wait included: its own are written now. */
  list(device: string, { limit, cursor }: PageQuery): Page<RowOf<C>> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(cursor);
    this.#store(this.#waiting.filter((row) => row.device === device));
    this.#waiting = this.#waiting.filter((row) => row.device !== device);
    const rows = this.#page.all(device, before, limit + 1);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, next: last !== undefined && rows.length > limit ? encodeCursor(last.position) : null };
  }

  #store(rows: readonly Waiting[], isSynced = true): void {
    if (rows.length === 0) return;
    const write = () => this.#write(rows);
    const stored = isSynced ? this.#state.transaction(write) : this.#state.unsynced(write);
    if (this.#stored.size > MAX_COUNTS) this.#stored.clear();
    for (const [device, count] of stored) this.#stored.set(device, count);
  }

  /** @returns how many rows each of the devices has now */
  #write(rows: readonly Waiting[]): Map<string, number> {
    const stored = new Map<string, number>();
    for (const { device, parameters } of newestOf(rows)) {
      const before = stored.get(device) ?? this.#stored.get(device) ?? this.#counted(device);
      stored.set(device, before + this.#insert.run(...parameters, device));
    }
    for (const [device, atMost] of stored) {
      if (atMost <= KEPT_PER_DEVICE) continue;
      const count = this.#counted(device);
      this.#trim.run(device, Math.max(0, count - KEPT_PER_DEVICE));
      stored.set(device, Math.min(count, KEPT_PER_DEVICE));
    }
    return stored;
  }

  #counted(device: string): number {
    return this.#count.get(device)?.count ?? 0;
  }
}

/** Without the rows of a flooding device that would be trimmed at once. */
function newestOf(rows: readonly Waiting[]): readonly Waiting[] {
  if (rows.length <= KEPT_PER_DEVICE) return rows;
  const taken = new Map<string, number>();
  const newestFirst = rows.toReversed().filter(({ device }) => {
    const count = (taken.get(device) ?? 0) + 1;
    taken.set(device, count);
    return count <= KEPT_PER_DEVICE;
  });
  return newestFirst.reverse();
}
