import type { DuckDBConnection } from '@duckdb/node-api';
import { countPiece } from './day-sorting.js';
import { seriesSlices } from './series-slices.js';
import { CONTENTS, type Content, createTable, DAY_US, dayTableName, type Tables } from './tables.js';
import { inTransaction } from './transaction.js';

/** Rows that are sorted at a time: twice as many take 15 MB more. */
const SLICE_ROWS = 250_000;

/**
 * Moves a full hot table into the tables of its days, sorted by series and time. One transaction: a kill leaves
 * either the hot table or its rows in their days. `insert … order by` sorts within the memory limit, with
 * temporary files beyond it; `create table as` needs three times as much (docs/decisions/0003).
 * @param giveMemoryBack called after every slice of a large day
 * @returns how many rows were moved
 */
export async function compactTable(
  connection: DuckDBConnection,
  tables: Tables,
  hot: string,
  content: Content,
  giveMemoryBack: () => Promise<void>,
): Promise<number> {
  const made: string[] = [];
  let moved = 0;
  await inTransaction(connection, async () => {
    const found = await connection.runAndReadAll(
      `select distinct (epoch_us(ts) // ${DAY_US})::DOUBLE from ${hot} order by 1`,
    );
    for (const [day] of found.getRows()) {
      const fromUs = Number(day) * DAY_US;
      const name = dayTableName(content, fromUs);
      await connection.run(createTable(name, content));
      made.push(name);
      const rows = `${hot} where ts >= make_timestamp(${fromUs}) and ts < make_timestamp(${fromUs + DAY_US})`;
      const slices = await seriesSlices(connection, rows, SLICE_ROWS);
      for (const [first, last] of slices) {
        const inserted = await connection.run(
          `insert into ${name} select * from ${rows} and series between ${first} and ${last} order by series, ts`,
        );
        moved += inserted.rowsChanged;
        if (slices.length > 1) await giveMemoryBack();
      }
      await countPiece(connection, name);
    }
    await connection.run(`drop table ${hot}`);
  });
  for (const name of made) tables.add(name);
  tables.remove(hot);
  return moved;
}

/** Drops the tables of days that ended more than `retentionDays` before `nowMs`. */
export async function dropOldDays(
  connection: DuckDBConnection,
  tables: Tables,
  retentionDays: number,
  nowMs: number,
): Promise<number> {
  if (retentionDays === 0) return 0;
  const keepFromUs = nowMs * 1000 - retentionDays * DAY_US;
  const old = CONTENTS.flatMap((content) => tables.days(content)).filter(
    (day) => day.startUs + DAY_US <= keepFromUs,
  );
  for (const { name } of old) {
    await inTransaction(connection, async () => {
      await connection.run(`drop table ${name}`);
      await connection.run(`delete from pieces where day = '${name}'`);
    });
    tables.remove(name);
  }
  return old.length;
}
