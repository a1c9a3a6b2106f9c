import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FieldlineError } from '../errors.js';
import type { Columns, RowOf } from './column.js';
import { type Change, Connection, type Select } from './connection.js';
import { APPLICATION_ID, checkIntegrity } from './integrity.js';
import { MIGRATIONS, migrate } from './migrations.js';
import { damaged, newer, resultCode } from './state-error.js';

/** Long enough for a stopping hub to finish, short enough for a person at a terminal. */
const BUSY_TIMEOUT_MS = 1_000;

/** SQLite's own default. */
const AUTOCHECKPOINT_PAGES = 1_000;

/** The WAL is cut back to this after a checkpoint. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * The one SQLite file for everything that lasts beside the journal and the history. One connection, held
 * exclusively: a second hub on the same data directory is turned away. Every committed transaction is synced.
 *
 * Calls are synchronous and block the event loop for a sync (some 200 µs): what comes often is written in groups.
 */
export class StateFile {
  readonly path: string;
  readonly #connection: Connection;

  private constructor(path: string, connection: Connection) {
    this.path = path;
    this.#connection = connection;
  }

  /**
   * Opens the file, makes it if there is none, checks it, and brings it to the newest schema.
   * @throws FieldlineError `state_locked`, `state_damaged`, `state_newer`, `state_unwritable`
   */
  static open(path: string): StateFile {
    const file = resolve(path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!existsSync(file)) create(file);
    // A new file gets its name only when it is whole, so an empty one has lost what it held.
    else if (statSync(file).size === 0) throw damaged(file, 'it is empty');
    const connection = Connection.open(file, BUSY_TIMEOUT_MS);
    try {
      prepare(connection, file);
      removeLeftovers(file);
      return new StateFile(file, connection);
    } catch (error) {
      release(connection);
      throw openError(file, error);
    }
  }

  /**
   * The schema version of a file that nobody has open; it stays what it is. What a killed hub left in the WAL is folded
   * into the file, as at each start.
   * @throws FieldlineError `state_locked`, `state_damaged`, `state_unwritable`
   */
  static versionOf(path: string): number {
    const file = resolve(path);
    const connection = Connection.open(file, BUSY_TIMEOUT_MS);
    try {
      connection.pragma('locking_mode = EXCLUSIVE');
      return Number(connection.pragma('user_version'));
    } catch (error) {
      throw openError(file, error);
    } finally {
      release(connection);
    }
  }

  /** A query for `columns`, prepared at its first use; `rest` begins with FROM. */
  select<C extends Columns>(columns: C, rest: string): Select<RowOf<C>> {
    return this.#connection.select(columns, rest);
  }

  /** An INSERT, UPDATE or DELETE, prepared at its first use. */
  change(sql: string): Change {
    return this.#connection.change(sql);
  }

  /**
   * All that `work` changes is on disk when this returns. When it throws, nothing was changed in the file.
   *
   * Inside another transaction it becomes part of that one. The stores update their memory when their own calls
   * return: when several of them are wrapped into one transaction that fails, memory and file differ.
   */
  transaction<T>(work: () => T): T {
    return this.#connection.transaction(work);
  }

  /**
   * The same without a sync: a power cut may undo it, though a kill may not, until a {@link transaction} has followed. For
   * all slices but the last of what is written in turns, and for what may be lost.
   */
  unsynced<T>(work: () => T): T {
    return this.#connection.unsynced(work);
  }

  /**
   * Keeps the file as it is, with everything that was committed so far, until `thaw`: another process can copy it.
   * Changes go on beside it, in the WAL.
   *
   * Never read it in this process: closing any descriptor of the file gives up SQLite's lock on it.
   */
  freeze(): { readonly path: string; readonly sizeBytes: number } {
    // With nothing left in the WAL the file alone is whole; it is rewritten at checkpoints only.
    this.#connection.pragma('wal_autocheckpoint = 0');
    if (this.#connection.pragma('wal_checkpoint(TRUNCATE)') !== 0) {
      this.thaw();
      throw new FieldlineError('state_busy', `The WAL of ${this.path} cannot be folded into it now.`, {
        status: 503,
      });
    }
    return { path: this.path, sizeBytes: statSync(this.path).size };
  }

  /** Ends `freeze`. */
  thaw(): void {
    this.#connection.pragma(`wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`);
  }

  /** Folds the WAL into the file and lets go of it. Nothing may be called any more. */
  close(): void {
    release(this.#connection);
  }
}

/** Makes a file under another name, so that there is never one with this name that is not whole. */
function create(path: string): void {
  const partial = temporaryName(path);
  const connection = Connection.open(partial, BUSY_TIMEOUT_MS);
  try {
    chmodSync(partial, 0o600);
    connection.pragma('synchronous = FULL');
    connection.pragma(`application_id = ${APPLICATION_ID}`);
    migrate(connection, 0);
  } finally {
    connection.close();
  }
  renameSync(partial, path);
  syncFile(dirname(path));
}

function prepare(connection: Connection, path: string): void {
  const hadWal = existsSync(`${path}-wal`);
  connection.pragma('locking_mode = EXCLUSIVE');
  if (connection.pragma('journal_mode = WAL') !== 'wal')
    throw damaged(path, 'it cannot be written as a WAL file');
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma('cell_size_check = ON');
  connection.pragma('trusted_schema = OFF');
  connection.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
  const version = Number(connection.pragma('user_version'));
  if (version > MIGRATIONS.length) throw newer(path, version, MIGRATIONS.length);
  checkIntegrity(connection, path, version);
  if (!hadWal) checkWhole(connection, path);
  migrate(connection, version);
}

/** SQLite reads what is missing of a last page as zeros. With a WAL the rest may still be there. */
function checkWhole(connection: Connection, path: string): void {
  const expectedBytes = Number(connection.pragma('page_count')) * Number(connection.pragma('page_size'));
  const { size } = statSync(path);
  if (size < expectedBytes) throw damaged(path, `it was cut off: ${size} of ${expectedBytes} bytes are left`);
}

/**
 * Gives the lock up and closes. Closing alone would not do: statements of the binding keep the file open, and
 * locked, until they are collected.
 */
function release(connection: Connection): void {
  try {
    connection.pragma('busy_timeout = 0');
    connection.pragma('journal_mode = DELETE');
    connection.pragma('locking_mode = NORMAL');
    connection.pragma('user_version');
  } catch (error) {
    // Not ours, damaged, or the disk is full. A WAL that stays is replayed at the next open; the process's end
    // frees a lock that stays.
    if (!(error instanceof FieldlineError) && resultCode(error) === undefined) throw error;
  } finally {
    connection.close();
  }
}

/**
 * At the open, two more errors mean damage: SQLite does not understand the file (all SQL of the open is known to
 * be right), or a flipped bit in the header declares it read-only although the system would let us write.
 */
function openError(path: string, error: unknown): unknown {
  if (error instanceof Error && resultCode(error) !== undefined) return damaged(path, error.message, error);
  if (!(error instanceof FieldlineError && error.code === 'state_unwritable')) return error;
  if (!(error.cause instanceof Error && error.cause.message.includes('readonly'))) return error;
  try {
    accessSync(path, constants.W_OK);
  } catch {
    return error;
  }
  return damaged(path, 'its header says that it is read-only', error);
}

/** What a crash during {@link create} left behind. */
function removeLeftovers(path: string): void {
  const prefix = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(prefix) && /\.new(-journal)?$/.test(name))
      rmSync(join(dirname(path), name), { force: true });
  }
}

function temporaryName(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}.new`;
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
