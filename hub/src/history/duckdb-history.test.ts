import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packBatch, type Reading } from '@fieldline/journal';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../sinks/duckdb/duckdb.fixture.js';
import { MIDNIGHT_US, reading, scratchDirectory } from '../sinks/sinks.fixture.js';
import { DuckDbHistory } from './duckdb-history.js';
import { describeHistory } from './history.contract.js';

async function open(directory: string) {
  const store = await openStore(directory);
  await store.cursor('journal', 0);
  let offset = 0;
  return {
    store,
    history: new DuckDbHistory(store),
    async write(readings: readonly Reading[]) {
      const part = { first: offset + 1, packed: packBatch({ readings, ranges: [] }) };
      offset += readings.length;
      await store.write([part], offset);
    },
  };
}

describeHistory('DuckDB', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'fieldline-'));
  const { store, history, write } = await open(directory);
  return {
    history,
    write,
    tidy: async () => void (await store.compact()),
    close: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});

test('an export is read a page at a time', async () => {
  const { store, history, write } = await open(await scratchDirectory());
  onTestFinished(() => store.close());
  const count = 45_000;
  await write(Array.from({ length: count }, (_, step) => reading('d', MIDNIGHT_US + step, { m: step })));
  let next = 0;
  for await (const { value } of history.export({ device: 'd', from: 0, to: Date.UTC(2100, 0) })) {
    expect(value).toBe(next++);
  }
  expect(next).toBe(count);
});

test('knows a metric once it was stored, also after a restart', async () => {
  const directory = await scratchDirectory();
  const first = await open(directory);
  expect(first.history.knows('d', 'm')).toBe(false);
  await first.write([reading('d', MIDNIGHT_US, { m: 1 })]);
  expect(first.history.knows('d', 'm')).toBe(true);
  await first.store.close();
  const second = await open(directory);
  onTestFinished(() => second.store.close());
  expect(second.history.knows('d', 'm')).toBe(true);
  expect(second.history.knows('d', 'toString')).toBe(false);
});

test('queries that are asked while readings are sorted into their days see each of them once', async () => {
  const { store, history, write } = await open(await scratchDirectory());
  onTestFinished(() => store.close());
  const per = 2000;
  const rounds = 12;
  const count = async () => {
    const query = { device: 'd', metric: 'm', from: 0, to: Date.UTC(2100, 0), points: 1, limit: 10 };
    const { points } = await history.query({ ...query, aggregate: 'count' });
    return points.reduce((sum, [, value]) => sum + Number(value), 0);
  };
  for (let round = 0; round < rounds; round++) {
    const from = MIDNIGHT_US + round * 3 * 3_600_000_000;
    await write(Array.from({ length: per }, (_, step) => reading('d', from + step * 1000, { m: step })));
    const compaction = store.compact();
    const counts = await Promise.all([count(), count(), count(), count()]);
    expect(counts).toEqual(counts.map(() => per * (round + 1)));
    await compaction;
  }
});
