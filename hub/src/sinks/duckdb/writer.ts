import type { DuckDBConnection } from '@duckdb/node-api';
import { ColumnAppender } from './appending.js';
import type { SeriesRow, WritePart } from './calls.js';
import { Unpacker } from './columns.js';
import type { SeriesIndex } from './series.js';
import { CONTENTS, type Content, createTable, type Tables } from './tables.js';
import { inTransaction } from './transaction.js';

/** The table that is being filled. */
interface Filling {
  readonly name: string;
  readonly appender: ColumnAppender;
  rows: number;
}

/**
 * Writes readings, new series and the cursor in one transaction: what a restart finds is exactly what the
 * cursor says. After an error the writer is used up, because memory and file may differ then.
 */
export class Writer {
  readonly #connection: DuckDBConnection;
  readonly #tables: Tables;
  readonly #hotPoints: number;
  readonly #unpacker: Unpacker;
  readonly #filling = new Map<Content, Filling>();
  /** Readings up to this offset are in the file. */
  #position = 0;

  constructor(connection: DuckDBConnection, tables: Tables, series: SeriesIndex, hotPoints: number) {
    this.#connection = connection;
    this.#tables = tables;
    this.#hotPoints = hotPoints;
    this.#unpacker = new Unpacker(series);
  }

  /** Goes on with the newest hot tables of the file. */
  async open(): Promise<void> {
    for (const content of CONTENTS) {
      const newest = this.#tables.hot(content).at(-1);
      if (newest === undefined) continue;
      const counted = await this.#connection.runAndReadAll(`select count(*) from ${newest.name}`);
      const appender = await ColumnAppender.open(this.#connection, newest.name, content === 'texts');
      const rows = Number(counted.getRows()[0]?.[0]);
      this.#filling.set(content, { name: newest.name, appender, rows });
    }
  }

  /**
   * The cursor in this journal; null when the file has not followed it. A journal that lost its end has a head
   * before the cursor: what is left of it is in the file already, and the offsets after it are given anew. The
   * cursor then goes back to that head, for good.
   * @param head the last offset that the journal had when it was opened
   */
  async cursor(journal: string, head: number): Promise<number | null> {
    const found = await this.#connection.runAndReadAll('select pos from cursor where journal = $1', [
      journal,
    ]);
    const own = found.getRows()[0]?.[0];
    if (own === undefined) {
      await this.#connection.run('delete from cursor');
      this.#position = 0;
      return null;
    }
    this.#position = Math.min(Number(own), head);
    if (this.#position < Number(own)) await this.#setCursor(journal, this.#position);
    return this.#position;
  }

  /** Resolves once all is committed, with the series that were new. */
  async write(journal: string, parts: readonly WritePart[], last: number): Promise<readonly SeriesRow[]> {
    if (last <= this.#position) return [];
    const { points, texts, added } = this.#unpacker.unpack(parts, this.#position);
    const made: string[] = [];
    await inTransaction(this.#connection, async () => {
      for (const columns of [points, texts] as const) {
        if (columns.count === 0) continue;
        const filling = await this.#table(columns === points ? 'points' : 'texts', made);
        filling.appender.append(columns);
        filling.rows += columns.count;
      }
      await this.#addSeries(added);
      await this.#setCursor(journal, last);
    });
    for (const name of made) this.#tables.add(name);
    this.#position = last;
    return added;
  }

  /** The hot tables that are full, or all that hold anything, for sorting: the next write begins a new one. */
  seal(onlyFull: boolean): void {
    for (const [content, filling] of this.#filling) {
      if (filling.rows === 0 || (onlyFull && filling.rows < this.#hotPoints)) continue;
      filling.appender.close();
      this.#filling.delete(content);
    }
  }

  /** Hot tables that are not written to any more. */
  sealed(content: Content): string[] {
    const open = this.#filling.get(content)?.name;
    return this.#tables.hot(content).flatMap(({ name }) => (name === open ? [] : [name]));
  }

  close(): void {
    for (const { appender } of this.#filling.values()) appender.close();
    this.#filling.clear();
  }

  async #table(content: Content, made: string[]): Promise<Filling> {
    const open = this.#filling.get(content);
    if (open !== undefined) return open;
    const name = this.#tables.nextHot(content);
    await this.#connection.run(createTable(name, content));
    made.push(name);
    const appender = await ColumnAppender.open(this.#connection, name, content === 'texts');
    const filling: Filling = { name, appender, rows: 0 };
    this.#filling.set(content, filling);
    return filling;
  }

  async #addSeries(added: readonly SeriesRow[]): Promise<void> {
    if (added.length === 0) return;
    const appender = await this.#connection.createAppender('series');
    for (const { id, device, metric, kind } of added) {
      appender.appendInteger(id);
      appender.appendVarchar(device);
      appender.appendVarchar(metric);
      appender.appendVarchar(kind);
      appender.endRow();
    }
    appender.closeSync();
  }

  async #setCursor(journal: string, position: number): Promise<void> {
    const values = [journal, BigInt(position)];
    const updated = await this.#connection.run('update cursor set pos = $2 where journal = $1', values);
    if (updated.rowsChanged === 0) await this.#connection.run('insert into cursor values ($1, $2)', values);
  }
}
