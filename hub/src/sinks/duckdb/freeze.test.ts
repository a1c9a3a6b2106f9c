import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { packBatch } from '@fieldline/journal';
import { expect, onTestFinished, test } from 'vitest';
import { MIDNIGHT_US, reading, scratchDirectory } from '../sinks.fixture.js';
import { historyPath, openStore, sql } from './duckdb.fixture.js';
import type { DuckDbStore } from './store.js';

const AT_ONCE = 20_000;

/** Readings with numbers that do not compress, so that the log grows. */
async function write(store: DuckDbStore, first: number): Promise<void> {
  const readings = Array.from({ length: AT_ONCE }, (_, n) =>
    reading(`d${n % 50}`, MIDNIGHT_US + (first + n) * 1_000, { m: Math.sin(first + n) }),
  );
  await store.write([{ first, packed: packBatch({ readings, ranges: [] }) }], first + AT_ONCE - 1);
}

/** A copy of the beginning of a file, by another process: in this one it would cost DuckDB its lock. */
function copy(path: string, sizeBytes: number, to: string): string {
  execFileSync('sh', ['-c', 'head -c "$2" "$1" > "$3"', 'sh', path, String(sizeBytes), to]);
  return to;
}

test('a frozen file is whole without its log, and stays as it is while readings come', async () => {
  const directory = await scratchDirectory();
  // Few points before sorting: it would move them between tables while the file is copied.
  const store = await openStore(directory, { hotPoints: 30_000 });
  onTestFinished(() => store.close());
  await store.cursor('journal', 0);
  for (let first = 1; first <= 3 * AT_ONCE; first += AT_ONCE) await write(store, first);

  const { path, sizeBytes } = await store.freeze();
  expect(path).toBe(historyPath(directory));
  let isWritten = false;
  const waiting = write(store, 3 * AT_ONCE + 1).then(() => {
    isWritten = true;
  });
  const early = copy(path, sizeBytes, join(directory, 'early.duckdb'));
  expect(isWritten).toBe(false);
  store.goOn();
  await waiting;
  // More than the size of the log, and of a transaction, at which DuckDB would write everything into the file.
  for (let first = 4 * AT_ONCE + 1; first <= 60 * AT_ONCE; first += AT_ONCE) await write(store, first);
  await expect(store.compact()).rejects.toThrow('being copied');
  const late = copy(path, sizeBytes, join(directory, 'late.duckdb'));
  execFileSync('cmp', [early, late]);
  await expect(store.freeze()).rejects.toThrow('being copied already');

  expect(await store.thaw()).toBe(true);
  expect(await store.thaw()).toBe(false);
  expect(await sql(late, 'select journal, pos::DOUBLE from cursor')).toEqual([['journal', 3 * AT_ONCE]]);
  const tables = "select table_name from duckdb_tables() where table_name similar to '(hot|day)_.*'";
  const count = async (file: string) => {
    let rows = 0;
    for (const [name] of await sql(file, tables)) {
      rows += Number((await sql(file, `select count(*), max(value) from ${name}`))[0]?.[0]);
    }
    return rows;
  };
  expect(await count(late)).toBe(3 * AT_ONCE);
  await store.compact();
  await store.close();
  expect(await count(path)).toBe(60 * AT_ONCE);
});

test('a file that was opened anew meanwhile is no good copy', async () => {
  const directory = await scratchDirectory();
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  await store.cursor('journal', 0);
  await store.freeze();
  store.goOn();
  // Not a packed batch: the write fails, and the file is closed and opened again.
  await expect(store.write([{ first: 1, packed: new Uint8Array(64) }], 1)).rejects.toThrow();
  expect(await store.thaw()).toBe(false);
  await write(store, 1);
  const { sizeBytes } = await store.freeze();
  expect(sizeBytes).toBeGreaterThan(0);
  expect(await store.thaw()).toBe(true);
});
