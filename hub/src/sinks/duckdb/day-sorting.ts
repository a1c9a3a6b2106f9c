import type { DuckDBConnection } from '@duckdb/node-api';
import { seriesSlices } from './series-slices.js';
import { createTable, type DayTable } from './tables.js';
import { inTransaction } from './transaction.js';

/** A day in fewer pieces than this is read fast enough as it is. */
const MIN_PIECES = 8;
/** Rows that are sorted at a time. */
const SLICE_ROWS = 2_000_000;
/** Tables with this prefix are unfinished; those of a killed process are dropped at the next start. */
const UNFINISHED = 'sorting_';

/** Runs a piece of work, letting others go first. */
export type Turn = <T>(work: (connection: DuckDBConnection) => Promise<T>) => Promise<T>;

/**
 * Sorts a day that is over, and that was filled in many pieces, as a whole: a series then stands in one place,
 * and a month of it is read in milliseconds. A slice of series at a time goes into a table beside it, which
 * takes the day's place in one transaction at the end. Nothing else may write to the day meanwhile.
 */
export async function sortDay(day: DayTable, turn: Turn): Promise<void> {
  const sorted = UNFINISHED + day.name;
  const slices = await turn(async (connection) => {
    await connection.run(`drop table if exists ${sorted}`);
    await connection.run(createTable(sorted, day.content));
    return seriesSlices(connection, day.name, SLICE_ROWS);
  });
  for (const [first, last] of slices) {
    await turn((connection) =>
      connection.run(
        `insert into ${sorted} select * from ${day.name}
         where series between ${first} and ${last} order by series, ts`,
      ),
    );
  }
  await turn((connection) =>
    inTransaction(connection, async () => {
      await connection.run(`drop table ${day.name}`);
      await connection.run(`alter table ${sorted} rename to ${day.name}`);
      await connection.run(`update pieces set count = 1 where day = '${day.name}'`);
    }),
  );
}

/** The first of `days` that is worth sorting: in many pieces, and over for an hour when it is `nowMs`. */
export async function dayToSort(
  connection: DuckDBConnection,
  days: readonly DayTable[],
  nowMs: number,
): Promise<DayTable | undefined> {
  const found = await connection.runAndReadAll(`select day from pieces where count >= ${MIN_PIECES}`);
  const many = new Set(found.getRows().map(([day]) => String(day)));
  const endedBeforeUs = (nowMs - 25 * 3_600_000) * 1000;
  return days.find((day) => many.has(day.name) && day.startUs < endedBeforeUs);
}

/** Notes that a day got one more piece. In the transaction that adds it. */
export async function countPiece(connection: DuckDBConnection, day: string): Promise<void> {
  const updated = await connection.run(`update pieces set count = count + 1 where day = '${day}'`);
  if (updated.rowsChanged === 0) await connection.run(`insert into pieces values ('${day}', 1)`);
}

/** Drops what a killed process was sorting. The days themselves are whole. */
export async function dropUnfinished(connection: DuckDBConnection): Promise<void> {
  const found = await connection.runAndReadAll(
    `select table_name from duckdb_tables() where starts_with(table_name, '${UNFINISHED}')`,
  );
  for (const [name] of found.getRows()) await connection.run(`drop table ${name}`);
}
