import Database from 'libsql';
import { FieldlineError } from '../errors.js';
import { type Columns, type RawCell, type RowOf, readRow, selectList } from './column.js';
import { stateError } from './state-error.js';

/** What may be bound to a parameter. The binding ends the process when it meets a boolean or an object. */
export type Parameter = string | number | null;

/** A query that is prepared at its first use. */
export interface Select<Row> {
  get(...parameters: Parameter[]): Row | undefined;
  all(...parameters: Parameter[]): Row[];
  /** As {@link all} without the rows that are damaged: those are told, and left out. */
  sound(onDamage: OnDamage, ...parameters: Parameter[]): Row[];
}

/** Told of a row that this hub cannot have written. Must not throw. */
export type OnDamage = (error: unknown) => void;

/** A change that is prepared at its first use. */
export interface Change {
  /** @returns how many rows it changed */
  run(...parameters: Parameter[]): number;
}

type Statement = Database.Statement;

/**
 * One connection to one SQLite file, with typed rows and the hub's own errors. It knows nothing of what the
 * file holds.
 */
export class Connection {
  readonly #path: string;
  readonly #database: Database.Database;
  #open = true;
  #inTransaction = false;

  private constructor(path: string, database: Database.Database) {
    this.#path = path;
    this.#database = database;
  }

  /**
   * @param path a file, or `:memory:`
   * @param busyTimeoutMs how long to wait for another process's lock
   */
  static open(path: string, busyTimeoutMs: number): Connection {
    try {
      return new Connection(path, new Database(path, { timeout: busyTimeoutMs }));
    } catch (error) {
      // The binding gives no result code here; what fails is open(2).
      const reason = error instanceof Error ? error.message : String(error);
      throw new FieldlineError('state_unwritable', `The state file ${path} cannot be opened: ${reason}`, {
        status: 503,
        cause: error,
      });
    }
  }

  /** A query for `columns`; `rest` begins with FROM. */
  select<C extends Columns>(columns: C, rest: string): Select<RowOf<C>> {
    const statement = this.#lazily(`SELECT ${selectList(columns)} ${rest}`, (prepared) => prepared.raw());
    const table = /^FROM (\w+)/.exec(rest)?.[1] ?? rest;
    return {
      get: (...parameters) =>
        this.#guarded(() => {
          const cells = statement().get(bound(parameters)) as readonly RawCell[] | undefined;
          return cells === undefined ? undefined : readRow(table, columns, cells);
        }),
      all: (...parameters) =>
        this.#guarded(() => {
          const rows = statement().all(bound(parameters)) as (readonly RawCell[])[];
          return rows.map((cells) => readRow(table, columns, cells));
        }),
      sound: (onDamage, ...parameters) =>
        this.#guarded(() => {
          const rows = statement().all(bound(parameters)) as (readonly RawCell[])[];
          return rows.flatMap((cells) => {
            try {
              return [readRow(table, columns, cells)];
            } catch (error) {
              onDamage(error);
              return [];
            }
          });
        }),
    };
  }

  /** An INSERT, UPDATE or DELETE. */
  change(sql: string): Change {
    const statement = this.#lazily(sql, (prepared) => prepared);
    return { run: (...parameters) => this.#guarded(() => statement().run(bound(parameters)).changes) };
  }

  /** Runs SQL that has neither parameters nor an answer; several statements may be separated by `;`. */
  exec(sql: string): void {
    this.#guarded(() => this.#database.exec(sql));
  }

  /** Sets or asks a PRAGMA whose answer is an integer or one of SQLite's own words. */
  pragma(source: string): unknown {
    return this.#guarded(() => {
      const [row] = this.#database.prepare(`PRAGMA ${source}`).all();
      return typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined;
    });
  }

  /**
   * All that `work` changes becomes durable together, or nothing does. Inside another transaction it becomes
   * part of that one.
   */
  transaction<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    this.exec('BEGIN IMMEDIATE');
    this.#inTransaction = true;
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /**
   * The same without a sync, which holds the event loop up: a power cut, though not a kill, may undo it until a
   * {@link transaction} has followed. For what is written in slices, or may be lost.
   */
  unsynced<T>(work: () => T): T {
    if (this.#inTransaction) return work();
    this.exec('PRAGMA synchronous = NORMAL');
    try {
      return this.transaction(work);
    } finally {
      if (this.#open) this.exec('PRAGMA synchronous = FULL');
    }
  }

  /** Nothing may be called any more. Statements of the binding would outlive it, so they are refused here. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#database.close();
  }

  #rollBack(): void {
    // SQLite has already rolled back by itself after a full disk or a failed write.
    if (this.#database.inTransaction) this.exec('ROLLBACK');
  }

  #lazily(sql: string, prepare: (statement: Statement) => Statement): () => Statement {
    let prepared: Statement | undefined;
    return () => {
      prepared ??= prepare(this.#database.prepare(sql));
      return prepared;
    };
  }

  #guarded<T>(work: () => T): T {
    if (!this.#open) {
      throw new FieldlineError('state_closed', `The state file ${this.#path} is closed.`, { status: 503 });
    }
    try {
      return work();
    } catch (error) {
      throw stateError(error, this.#path);
    }
  }
}

/** SQLite ends a text at its first NUL: what is stored would silently be shorter than what was given. */
function bound(parameters: Parameter[]): Parameter[] {
  for (const parameter of parameters) {
    if (typeof parameter === 'string' && parameter.includes('\0')) {
      throw new TypeError('a text with NUL cannot be stored');
    }
  }
  return parameters;
}
