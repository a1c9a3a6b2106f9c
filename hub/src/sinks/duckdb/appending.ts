import {
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { Columns } from './columns.js';

/** Rows in a DuckDB vector. */
const VECTOR_ROWS = 2048;

/**
 * Appends columns to a table, a vector at a time. Values are copied as memory, which is what makes a point
 * cost a third of a microsecond; @duckdb/node-api itself sets them one by one.
 */
export class ColumnAppender {
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;

  private constructor(appender: DuckDBAppender, texts: boolean) {
    this.#appender = appender;
    this.#chunk = DuckDBDataChunk.create([INTEGER, TIMESTAMP, texts ? VARCHAR : DOUBLE], VECTOR_ROWS);
  }

  /** For a table (series INTEGER, ts TIMESTAMP, value DOUBLE), or VARCHAR for texts. */
  static async open(connection: DuckDBConnection, table: string, texts: boolean): Promise<ColumnAppender> {
    return new ColumnAppender(await connection.createAppender(table), texts);
  }

  /** Appends to the connection's transaction. */
  append({ count, series, time, value }: Columns<Float64Array> | Columns<string[]>): void {
    const { chunk } = this.#chunk;
    for (let from = 0; from < count; from += VECTOR_ROWS) {
      const rows = Math.min(VECTOR_ROWS, count - from);
      duckdb.data_chunk_reset(chunk);
      duckdb.data_chunk_set_size(chunk, rows);
      copy(chunk, 0, series, from * 4, rows * 4);
      copy(chunk, 1, time, from * 8, rows * 8);
      if (value instanceof Float64Array) copy(chunk, 2, value, from * 8, rows * 8);
      else setTexts(chunk, 2, value, from, rows);
      this.#appender.appendDataChunk(this.#chunk);
    }
    this.#appender.flushSync();
  }

  /** Drops what an append that failed left behind, then closes. */
  close(): void {
    try {
      this.#appender.clear();
    } finally {
      this.#appender.closeSync();
    }
  }
}

function copy(
  chunk: duckdb.DataChunk,
  column: number,
  source: Int32Array | Uint32Array | Float64Array,
  from: number,
  bytes: number,
): void {
  const vector = duckdb.data_chunk_get_vector(chunk, column);
  duckdb.copy_data_to_vector(vector, 0, source.buffer as ArrayBuffer, source.byteOffset + from, bytes);
}

function setTexts(
  chunk: duckdb.DataChunk,
  column: number,
  texts: string[],
  from: number,
  rows: number,
): void {
  const vector = duckdb.data_chunk_get_vector(chunk, column);
  for (let row = 0; row < rows; row++) {
    // With its length, since a text may contain NUL.
    duckdb.vector_assign_string_element_len(vector, row, Buffer.from(texts[from + row] ?? ''));
  }
}
