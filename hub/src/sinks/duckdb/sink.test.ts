import { expect, onTestFinished, test } from 'vitest';
import { describeSink } from '../sink.contract.js';
import { append, makePump, openJournal, scratchDirectory, series } from '../sinks.fixture.js';
import { allValues, connectDuckDb, historyPath, openStore, sql } from './duckdb.fixture.js';
import { DuckDbSink } from './sink.js';

describeSink('DuckDB', connectDuckDb, { exactlyOnce: true, negativeZero: true });

test('a batch that was committed already is not written again', async () => {
  const directory = await scratchDirectory();
  const journal = await openJournal(directory);
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  const sink = new DuckDbSink(store, journal);
  expect(await sink.open()).toBeNull();
  const first = await append(journal, series('d', 0, 10));
  const second = await append(journal, series('d', 10, 10));
  await sink.write([first]);
  await sink.write([first, second]);
  await sink.write([second]);
  expect((await allValues(store)).map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(await sink.open()).toBe(20);
});

test('the cursor of another journal does not count', async () => {
  const directory = await scratchDirectory();
  const journal = await openJournal(directory);
  const entry = await append(journal, series('d', 0, 10));
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  const sink = new DuckDbSink(store, journal);
  await sink.open();
  await sink.write([entry]);
  expect(await new DuckDbSink(store, { id: 'another', head: 1000 }).open()).toBeNull();
});

test('of a journal that lost its end nothing is written again, and what it gets anew is written', async () => {
  const directory = await scratchDirectory();
  const journal = await openJournal(directory);
  const kept = await append(journal, series('d', 0, 10));
  const lost = await append(journal, series('d', 10, 10));
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  const sink = new DuckDbSink(store, journal);
  await sink.open();
  await sink.write([kept, lost]);

  const shortened = { id: journal.id, head: 10 };
  const again = new DuckDbSink(store, shortened);
  // It was not opened at once, and the journal grew meanwhile.
  shortened.head = 20;
  expect(await again.open()).toBe(10);
  await again.write([kept]);
  expect(await allValues(store)).toHaveLength(20);
  await again.write([kept, lost]);
  expect(await allValues(store)).toHaveLength(30);
  expect(await again.open()).toBe(20);
});

test('a pump whose journal lost its cursor repeats nothing', async () => {
  const directory = await scratchDirectory();
  const journal = await openJournal(directory);
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  journal.attach('duckdb');
  const pump = makePump({ sink: new DuckDbSink(store, journal), journal });
  await append(journal, series('d', 0, 10));
  await pump.open();
  expect(await pump.settle(10, 10_000)).toBe(true);
  await pump.close(10_000);

  journal.retain([]);
  journal.attach('duckdb');
  const next = makePump({ sink: new DuckDbSink(store, journal), journal });
  await next.open();
  await append(journal, series('d', 10, 5));
  expect(await next.settle(15, 10_000)).toBe(true);
  await next.close(10_000);
  expect(await allValues(store)).toHaveLength(15);
});

test('the file is one that people can open', async () => {
  const directory = await scratchDirectory();
  const journal = await openJournal(directory);
  const store = await openStore(directory);
  const sink = new DuckDbSink(store, journal);
  await sink.open();
  await sink.write([await append(journal, series('d', 0, 3))]);
  await store.compact();
  await store.close();
  const rows = await sql(
    historyPath(directory),
    `select device, metric, ts::VARCHAR, value from day_20261120 join series on series.id = series order by ts`,
  );
  expect(rows).toEqual([0, 1, 2].map((n) => ['d', 'n', `2026-11-20 00:00:0${n}`, n]));
});
