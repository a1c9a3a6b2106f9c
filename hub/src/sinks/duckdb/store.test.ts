import { readdir, writeFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { packBatch, type Reading } from '@fieldline/journal';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LEAST_DUCKDB_MEMORY } from '../../config/schema/duckdb.js';
import { DuckDbHistory } from '../../history/duckdb-history.js';
import {
  append,
  MIDNIGHT_US,
  makePump,
  openJournal,
  reading,
  SECOND_US,
  scratchDirectory,
  series,
} from '../sinks.fixture.js';
import { allValues, historyPath, openStore, sql } from './duckdb.fixture.js';
import { DuckDbSink } from './sink.js';
import { type DuckDbStore, startWorker } from './store.js';

const DAY_US = 86_400 * SECOND_US;
const EVER = { from: 0, to: Date.UTC(2100, 0) };

async function write(store: DuckDbStore, first: number, readings: readonly Reading[]): Promise<void> {
  await store.write([{ first, packed: packBatch({ readings, ranges: [] }) }], first + readings.length - 1);
}

async function opened(options: Parameters<typeof openStore>[1] = {}) {
  const directory = await scratchDirectory();
  const store = await openStore(directory, options);
  onTestFinished(() => store.close());
  await store.cursor('journal', 0);
  return { directory, store, history: new DuckDbHistory(store) };
}

/** A worker that opens, and dies of the first write. */
function dyingWorker(): Worker {
  const code = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ id, name }) => {
      if (name === 'write') process.exit(1);
      parentPort.postMessage({ id, output: name === 'open' ? { series: [] } : null });
    });`;
  return new Worker(code, { eval: true });
}

test('works with the least memory that may be configured', async () => {
  const { store } = await opened({ memory: LEAST_DUCKDB_MEMORY });
  const count = 200_000;
  for (let first = 0; first < count; first += 20_000) {
    const readings = Array.from({ length: 20_000 }, (_, n) =>
      reading(`d${n % 50}`, MIDNIGHT_US + (first + n) * 1_000, { m: Math.sin(first + n), text: `t${n}` }),
    );
    await write(store, first + 1, readings);
  }
  await store.compact();
  expect(await allValues(store)).toHaveLength(2 * count);
});

test('a worker that died is replaced at the next try, and nothing is lost or stored twice', async () => {
  const directory = await scratchDirectory();
  const journal = await openJournal(directory);
  let started = 0;
  const store = await openStore(directory, {
    startWorker: () => (started++ === 0 ? dyingWorker() : startWorker()),
  });
  onTestFinished(() => store.close());
  const pump = makePump({ sink: new DuckDbSink(store, journal), journal });
  await pump.open();
  await append(journal, series('d', 0, 100));
  expect(await pump.settle(100, 10_000)).toBe(false);
  await vi.waitFor(() => expect(pump.status()).toMatchObject({ state: 'running', lag: 0 }), 10_000);
  await pump.close(1_000);
  expect(started).toBe(2);
  expect(pump.status().errors).toEqual({ internal: 1 });
  expect(await allValues(store)).toHaveLength(100);
});

test('queries fail when the worker dies or the store closes, and do not hang', async () => {
  const directory = await scratchDirectory();
  const store = await openStore(directory, { startWorker: dyingWorker });
  await expect(write(store, 1, series('d', 0, 1))).rejects.toMatchObject({ kind: 'internal' });
  await store.close();
  const range = { series: [1], fromUs: 0, toUs: 1, skip: 0, limit: 1 };
  await expect(store.rows(range)).rejects.toThrow('closed');
});

test('a query that takes too long is interrupted, and writing goes on', async () => {
  const { store, history } = await opened({ queryTimeoutMs: 1 });
  let offset = 0;
  for (let batch = 0; batch < 4; batch++, offset += 50_000) {
    const readings = Array.from({ length: 50_000 }, (_, n) =>
      reading('d', MIDNIGHT_US + offset + n, { m: n }),
    );
    await write(store, offset + 1, readings);
  }
  const query = {
    device: 'd',
    metric: 'm',
    ...EVER,
    points: 10_000,
    limit: 10_000,
    aggregate: 'raw',
  } as const;
  await expect(history.query(query)).rejects.toMatchObject({ code: 'history_timeout', status: 503 });
  await write(store, offset + 1, series('d', 0, 10));
});

test('more queries than may wait are refused', async () => {
  const { store } = await opened();
  await write(store, 1, series('d', 0, 10));
  const range = { series: [1], fromUs: 0, toUs: 2 ** 52, skip: 0, limit: 10 };
  const answers = await Promise.allSettled(Array.from({ length: 100 }, () => store.rows(range)));
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of refused) expect(answer).toMatchObject({ reason: { kind: 'busy' } });
  expect(refused.length).toBeLessThan(40);
  expect((await store.rows(range)).time).toHaveLength(10);
});

test('days beyond the retention are dropped, when sorting and when opening', async () => {
  const nowUs = Date.now() * 1000;
  const readings = [40, 10, 2, 0].map((days) =>
    reading('d', nowUs - days * DAY_US, { days, text: `${days}` }),
  );
  const { directory, store } = await opened({ retentionDays: 20 });
  await write(store, 1, readings);
  expect(await store.compact()).toEqual({ moved: 8, sortedDays: 0, droppedDays: 2 });
  expect(
    (await allValues(store)).filter(({ metric }) => metric === 'days').map(({ value }) => value),
  ).toEqual([10, 2, 0]);
  await store.close();

  const stricter = await openStore(directory, { retentionDays: 5 });
  onTestFinished(() => stricter.close());
  expect(
    (await allValues(stricter)).filter(({ metric }) => metric === 'days').map(({ value }) => value),
  ).toEqual([2, 0]);
});

test('full tables are sorted by themselves, readings of the past into their own day', async () => {
  const { directory, store } = await opened({ hotPoints: 100 });
  const past = Array.from({ length: 100 }, (_, n) => reading('d', MIDNIGHT_US - (n * DAY_US) / 50, { m: n }));
  for (let round = 0; round < 5; round++) await write(store, 1 + round * 100, past);
  await store.compact();
  await store.close();
  const days = await sql(
    historyPath(directory),
    "select table_name from duckdb_tables() where table_name like 'day%' order by 1",
  );
  expect(days.flat()).toEqual(['day_20261118', 'day_20261119', 'day_20261120']);
  const [[wrong] = []] = await sql(
    historyPath(directory),
    "select count(*) from day_20261119 where ts < '2026-11-19' or ts >= '2026-11-20'",
  );
  expect(wrong).toBe(0n);
});

test('a full table of many series is sorted slice by slice, and stays whole', async () => {
  const { directory, store } = await opened();
  const names = Array.from({ length: 60 }, (_, n) => `m${n}`);
  const readings = Array.from({ length: 5_000 }, (_, n) =>
    reading(
      'd',
      MIDNIGHT_US + ((n * 7) % 5_000) * SECOND_US,
      Object.fromEntries(names.map((name) => [name, n])),
    ),
  );
  await write(store, 1, readings);
  expect(await store.compact()).toMatchObject({ moved: 300_000 });
  await store.close();
  const found = await sql(
    historyPath(directory),
    `select count(*)::INTEGER, count(distinct (series, ts))::INTEGER,
       count(*) filter (before_ts is not null and (series, ts) < (before_series, before_ts))::INTEGER
     from (select series, ts, lag(series) over (order by rowid) as before_series,
             lag(ts) over (order by rowid) as before_ts from day_20261120)`,
  );
  expect(found).toEqual([[300_000, 300_000, 0]]);
});

test('a day that is over and came in many pieces is sorted as a whole', async () => {
  const { directory, store, history } = await opened();
  const perPiece = 500;
  const values = (n: number) => ({ m: n, text: `t${n}` });
  for (let piece = 0; piece < 8; piece++) {
    const readings = Array.from({ length: perPiece }, (_, step) => {
      const n = piece * perPiece + step;
      return reading(`d${n % 10}`, Date.UTC(2024, 0, 5) * 1000 + n * SECOND_US, values(n));
    });
    await write(store, 1 + piece * perPiece, readings);
    const report = await store.compact();
    expect(report).toEqual({ moved: 2 * perPiece, sortedDays: piece === 7 ? 2 : 0, droppedDays: 0 });
  }
  const query = { device: 'd3', ...EVER, points: 1, limit: 10, aggregate: 'count' } as const;
  for (const metric of ['m', 'text']) {
    expect((await history.query({ ...query, metric })).points.map(([, count]) => count)).toEqual([400]);
  }
  await store.close();
  for (const table of ['day_20240105', 'texts_20240105']) {
    const rows = await sql(historyPath(directory), `select series, epoch_us(ts)::DOUBLE from ${table}`);
    expect(rows).toHaveLength(8 * perPiece);
    expect(rows).toEqual(
      [...rows].sort((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1])),
    );
  }
  expect(await sql(historyPath(directory), 'select distinct count from pieces')).toEqual([[1]]);
});

test('a first start that was killed is begun again, and a log without its file is kept aside', async () => {
  const directory = await scratchDirectory();
  const path = historyPath(directory);
  await writeFile(`${path}.new`, 'half');
  await writeFile(`${path}.wal`, 'of a file that was moved');
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  await store.cursor('journal', 0);
  await write(store, 1, series('d', 0, 10));
  expect(await allValues(store)).toHaveLength(10);
  expect((await readdir(directory)).sort()).toEqual([
    'history.duckdb',
    'history.duckdb.wal',
    'history.duckdb.wal.orphan',
  ]);
});

test('what a killed process was sorting is dropped', async () => {
  const { directory, store } = await opened();
  await write(store, 1, series('d', 0, 10));
  await store.close();
  await sql(historyPath(directory), 'create table sorting_day_20261120(series INTEGER)');
  await (await openStore(directory)).close();
  const tables = await sql(
    historyPath(directory),
    "select 1 from duckdb_tables() where table_name like 'sorting%'",
  );
  expect(tables).toEqual([]);
});

test('a text may hold NUL', async () => {
  const { store, history } = await opened();
  await write(store, 1, [reading('d', MIDNIGHT_US, { m: 'a\0b' })]);
  const { points } = await history.query({
    device: 'd',
    metric: 'm',
    ...EVER,
    points: 1,
    limit: 1,
    aggregate: 'last',
  });
  expect(points.map(([, value]) => value)).toEqual(['a\0b']);
});

test('a file of a newer version is left alone', async () => {
  const { directory, store } = await opened();
  await store.close();
  await sql(historyPath(directory), 'update layout set version = 99');
  await expect(openStore(directory)).rejects.toMatchObject({
    code: 'history_unreadable',
    message: expect.stringContaining('newer Fieldline'),
  });
});
