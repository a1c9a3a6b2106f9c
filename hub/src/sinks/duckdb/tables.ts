import type { DuckDBConnection } from '@duckdb/node-api';
import { HistoryFailure } from './failure.js';

/** The layout of the file; raised with every change of it. */
export const HISTORY_LAYOUT = 1;

/** Microseconds of a day. */
export const DAY_US = 86_400_000_000;

/** Numbers and booleans, or texts: they have the same tables, under other names. */
export type Content = 'points' | 'texts';
export const CONTENTS: readonly Content[] = ['points', 'texts'];

/** A table of one day of UTC, sorted by series and time in the pieces in which it was filled. */
export interface DayTable {
  readonly name: string;
  readonly content: Content;
  /** Its first moment, µs since 1970. */
  readonly startUs: number;
}

/** A table in order of arrival. All but the newest wait for being sorted into their days. */
export interface HotTable {
  readonly name: string;
  readonly content: Content;
  readonly number: number;
}

/**
 * Which tables there are. Besides `layout`, `cursor`, `series` and `pieces` (how often a day was added to): `hot_<n>` and `day_<yyyymmdd>` for
 * points, `hot_texts_<n>` and `texts_<yyyymmdd>` for texts, each with (series, ts, value).
 */
export class Tables {
  readonly #days = new Map<string, DayTable>();
  readonly #hot = new Map<string, HotTable>();
  #lastNumber = 0;

  /** Makes the fixed tables where they are missing, and reads the catalogue. */
  static async open(connection: DuckDBConnection): Promise<Tables> {
    await connection.run(`
      begin;
      create table if not exists layout(version INTEGER);
      insert into layout select ${HISTORY_LAYOUT} where not exists (from layout);
      create table if not exists cursor(journal VARCHAR, pos BIGINT);
      create table if not exists pieces(day VARCHAR, count INTEGER);
      create table if not exists series(id INTEGER, device VARCHAR, metric VARCHAR, kind VARCHAR);
      commit`);
    const layout = await connection.runAndReadAll('select max(version) from layout');
    const version = Number(layout.getRows()[0]?.[0]);
    if (version > HISTORY_LAYOUT) {
      throw new HistoryFailure(
        'internal',
        `it was written by a newer Fieldline (layout ${version}, this one reads ${HISTORY_LAYOUT})`,
      );
    }
    const tables = new Tables();
    const names = await connection.runAndReadAll(
      "select table_name from duckdb_tables() where schema_name = 'main'",
    );
    for (const [name] of names.getRows()) tables.add(String(name));
    return tables;
  }

  /** Takes a table note of; names that are none of ours are left alone. */
  add(name: string): void {
    const day = /^(day|texts)_(\d{4})(\d\d)(\d\d)$/.exec(name);
    if (day !== null) {
      const [, prefix, year, month, date] = day;
      const startUs = Date.UTC(Number(year), Number(month) - 1, Number(date)) * 1000;
      this.#days.set(name, { name, content: prefix === 'day' ? 'points' : 'texts', startUs });
      return;
    }
    const hot = /^hot(_texts)?_(\d+)$/.exec(name);
    if (hot !== null) {
      const number = Number(hot[2]);
      this.#hot.set(name, { name, content: hot[1] === undefined ? 'points' : 'texts', number });
      this.#lastNumber = Math.max(this.#lastNumber, number);
    }
  }

  /**
   * A name for the next hot table. No name is used twice: a query that was prepared for a table which is gone
   * by now has to fail, not to read another one.
   */
  nextHot(content: Content): string {
    return content === 'points' ? `hot_${++this.#lastNumber}` : `hot_texts_${++this.#lastNumber}`;
  }

  remove(name: string): void {
    this.#days.delete(name);
    this.#hot.delete(name);
  }

  /** Oldest first. */
  hot(content: Content): HotTable[] {
    const tables = [...this.#hot.values()].filter((table) => table.content === content);
    return tables.sort((a, b) => a.number - b.number);
  }

  days(content: Content): DayTable[] {
    return [...this.#days.values()].filter((table) => table.content === content);
  }

  /** The tables that may hold readings of a range; `toUs` exclusive. */
  covering(content: Content, fromUs: number, toUs: number): string[] {
    const days = this.days(content).filter((day) => day.startUs < toUs && day.startUs + DAY_US > fromUs);
    return [...days.sort((a, b) => a.startUs - b.startUs), ...this.hot(content)].map((table) => table.name);
  }
}

/** `day_20261120` for the day that begins at `startUs`. */
export function dayTableName(content: Content, startUs: number): string {
  const date = new Date(startUs / 1000).toISOString().slice(0, 10).replaceAll('-', '');
  return content === 'points' ? `day_${date}` : `texts_${date}`;
}

/** The SQL that makes a hot or day table. */
export function createTable(name: string, content: Content): string {
  const type = content === 'points' ? 'DOUBLE' : 'VARCHAR';
  return `create table if not exists ${name}(series INTEGER, ts TIMESTAMP, value ${type})`;
}
