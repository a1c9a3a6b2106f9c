import { isUtf8 } from 'node:buffer';

/** What SQLite hands out through this hub: texts come as their bytes (see {@link selectList}). */
export type RawCell = number | bigint | null | Uint8Array;

/** How one column of an answer is read: the SQL that gives it, and what becomes of it. */
export interface Column<T> {
  readonly sql: string;
  /** @throws DamagedCell when the cell holds what this hub never writes there */
  readonly read: (cell: RawCell) => T;
}

export type Columns = Readonly<Record<string, Column<unknown>>>;

/** The type of a row with these columns. */
export type RowOf<C extends Columns> = { [K in keyof C]: C[K] extends Column<infer T> ? T : never };

/** A cell that this hub cannot have written. */
export class DamagedCell extends Error {
  override readonly name = 'DamagedCell';
}

/**
 * The select list for these columns. Texts are asked for as bytes, because the SQLite binding ends the process
 * when a text is not valid UTF-8, and one flipped bit on disk is enough for that.
 */
export function selectList(columns: Columns): string {
  const cells = Object.values(columns).map(
    ({ sql }) => `iif(typeof(${sql}) = 'text', CAST(${sql} AS BLOB), ${sql})`,
  );
  return cells.join(', ');
}

/** Reads one row of `table`, given as its cells in the order of the columns. */
export function readRow<C extends Columns>(table: string, columns: C, cells: readonly RawCell[]): RowOf<C> {
  const entries = Object.entries(columns).map(([name, { sql, read }], i) => {
    try {
      return [name, read(cells[i] ?? null)];
    } catch (error) {
      throw new DamagedCell(`${table}.${sql}: ${error instanceof Error ? error.message : error}`);
    }
  });
  // Keys and types are those of `columns` by construction.
  return Object.fromEntries(entries) as RowOf<C>;
}

/** A text. */
export function text(sql: string): Column<string> {
  return { sql, read: readText };
}

/** A text that may be absent. */
export function optionalText(sql: string): Column<string | null> {
  return { sql, read: (cell) => (cell === null ? null : readText(cell)) };
}

/** One of a few words. */
export function word<const T extends string>(sql: string, words: readonly T[]): Column<T> {
  return {
    sql,
    read: (cell) => {
      const found = words.find((candidate) => candidate === readText(cell));
      if (found === undefined) throw new DamagedCell(`not one of ${words.join(', ')}`);
      return found;
    },
  };
}

/** One of a few words, or nothing. */
export function optionalWord<const T extends string>(sql: string, words: readonly T[]): Column<T | null> {
  const present = word(sql, words);
  return { sql, read: (cell) => (cell === null ? null : present.read(cell)) };
}

/** An integer that a JavaScript number holds exactly. */
export function integer(sql: string): Column<number> {
  return { sql, read: readInteger };
}

/** Such an integer that may be absent. */
export function optionalInteger(sql: string): Column<number | null> {
  return { sql, read: (cell) => (cell === null ? null : readInteger(cell)) };
}

/** A truth value, stored as 0 or 1. */
export function flag(sql: string): Column<boolean> {
  return { sql, read: (cell) => readInteger(cell) !== 0 };
}

/** A JSON text; its shape is whatever was written there. */
export function json(sql: string): Column<unknown> {
  return { sql, read: (cell) => JSON.parse(readText(cell)) };
}

function readText(cell: RawCell): string {
  if (!(cell instanceof Uint8Array)) throw new DamagedCell('not a text');
  if (!isUtf8(cell)) throw new DamagedCell('not valid UTF-8');
  return Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString('utf8');
}

function readInteger(cell: RawCell): number {
  if (typeof cell !== 'number' || !Number.isSafeInteger(cell)) throw new DamagedCell('not an integer');
  return cell;
}
