import type { DuckDBConnection } from '@duckdb/node-api';

/** The first and the last series of a slice. */
export type SeriesSlice = readonly [first: number, last: number];

/**
 * Cuts the series of a table (or `<table> where …`) into ranges with about `rows` rows each, in order. Sorting one
 * range at a time takes no longer than sorting all at once, and a fraction of the memory. A series is never cut.
 */
export async function seriesSlices(
  connection: DuckDBConnection,
  from: string,
  rows: number,
): Promise<SeriesSlice[]> {
  const counted = await connection.runAndReadAll(
    `select series, count(*)::DOUBLE from ${from} group by series order by series`,
  );
  const slices: [number, number][] = [];
  let sliceRows = Number.POSITIVE_INFINITY;
  for (const [series, count] of counted.getRows()) {
    const slice = slices.at(-1);
    if (slice === undefined || sliceRows + Number(count) > rows) {
      slices.push([Number(series), Number(series)]);
      sliceRows = Number(count);
    } else {
      slice[1] = Number(series);
      sliceRows += Number(count);
    }
  }
  return slices;
}
