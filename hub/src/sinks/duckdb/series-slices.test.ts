import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { seriesSlices } from './series-slices.js';

async function readings(rows: string) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.closeSync();
    instance.closeSync();
  });
  await connection.run(`create table hot as select series, ts from (${rows})`);
  return connection;
}

test('slices hold about as many rows as asked for, and no series is cut', async () => {
  // Four rows each of the series 1 to 5, nine of series 9.
  const connection = await readings(
    'select (n % 5 + 1)::INTEGER as series, n as ts from range(20) t(n) union all select 9, n from range(9) t(n)',
  );
  expect(await seriesSlices(connection, 'hot', 8)).toEqual([
    [1, 2],
    [3, 4],
    [5, 5],
    [9, 9],
  ]);
  expect(await seriesSlices(connection, 'hot', 1_000)).toEqual([[1, 9]]);
});

test('only the rows that a condition leaves are counted', async () => {
  const connection = await readings('select (n % 5 + 1)::INTEGER as series, n as ts from range(20) t(n)');
  expect(await seriesSlices(connection, 'hot where ts < 5', 3)).toEqual([
    [1, 3],
    [4, 5],
  ]);
  expect(await seriesSlices(connection, 'hot where ts < 0', 3)).toEqual([]);
});
