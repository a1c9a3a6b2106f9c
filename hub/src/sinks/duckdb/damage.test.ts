import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packBatch, type Reading } from '@fieldline/journal';
import { expect, onTestFinished, test } from 'vitest';
import { FieldlineError } from '../../errors.js';
import { DuckDbHistory } from '../../history/duckdb-history.js';
import { MIDNIGHT_US, reading, SECOND_US, scratchDirectory } from '../sinks.fixture.js';
import { historyPath, openStore } from './duckdb.fixture.js';
import type { DuckDbStore } from './store.js';

/** Every try starts a worker thread with DuckDB in it. */
const TIMEOUT_MS = 120_000;
const HOUR_US = 3600 * SECOND_US;

interface Image {
  readonly file: Buffer;
  readonly wal: Buffer;
}

/** The files of a hub that was killed: two sorted days in the file, later readings in its write-ahead log. */
async function crashImage(): Promise<Image> {
  const directory = await scratchDirectory();
  const store = await openStore(directory);
  let offset = 0;
  const write = async (count: number, value: (n: number) => Reading['values']) => {
    const readings = Array.from({ length: count }, (_, n) =>
      reading(`d${n % 20}`, MIDNIGHT_US + offset * SECOND_US + n * 2 * SECOND_US, value(n)),
    );
    await store.write([{ first: offset + 1, packed: packBatch({ readings, ranges: [] }) }], offset + count);
    offset += count;
  };
  await store.cursor('journal', 0);
  await write(60_000, (n) => ({ m: Math.sin(n), text: `reading ${n}` }));
  await store.compact();
  await store.close();
  const again = await openStore(directory);
  await again.cursor('journal', offset);
  await again.write(
    [
      {
        first: offset + 1,
        packed: packBatch({ readings: [reading('d1', MIDNIGHT_US, { m: 1 })], ranges: [] }),
      },
    ],
    offset + 1,
  );
  const copy = join(directory, 'copy');
  await copyFile(historyPath(directory), copy);
  await copyFile(`${historyPath(directory)}.wal`, `${copy}.wal`);
  await again.close();
  return { file: await readFile(copy), wal: await readFile(`${copy}.wal`) };
}

/**
 * Opens the image and reads all of it. Whatever was done to it: it works, or an error says what to do; nothing
 * else may be thrown, and the process goes on.
 */
async function use(image: Partial<Image>): Promise<'works' | 'refused' | 'unreadable'> {
  const directory = await scratchDirectory();
  const path = historyPath(directory);
  if (image.file !== undefined) await writeFile(path, image.file);
  if (image.wal !== undefined) await writeFile(`${path}.wal`, image.wal);
  let store: DuckDbStore;
  try {
    store = await openStore(directory);
  } catch (error) {
    expect(error).toBeInstanceOf(FieldlineError);
    expect(error).toMatchObject({ code: 'history_damaged', message: expect.stringContaining(path) });
    expect(error).toMatchObject({ message: expect.stringMatching(/aside and start again/) });
    return 'refused';
  }
  try {
    return await readAll(store);
  } finally {
    await store.close();
  }
}

async function readAll(store: DuckDbStore): Promise<'works' | 'unreadable'> {
  const history = new DuckDbHistory(store);
  const everything = { from: 0, to: Date.UTC(2100, 0), points: 100, limit: 1000 };
  let outcome: 'works' | 'unreadable' = 'works';
  for (const [metric, aggregate] of [
    ['m', 'mean'],
    ['text', 'last'],
  ] as const) {
    try {
      await history.query({ device: 'd1', metric, aggregate, ...everything });
    } catch (error) {
      expect(error).toMatchObject({ code: 'history_damaged', status: 500 });
      outcome = 'unreadable';
    }
  }
  // Damage in old readings is no reason to refuse new ones.
  await store.cursor('another journal', 0);
  const packed = packBatch({
    readings: [reading('new', MIDNIGHT_US + 100 * 24 * HOUR_US, { m: 42 })],
    ranges: [],
  });
  await store.write([{ first: 1, packed }], 1);
  const { points } = await history.query({ device: 'new', metric: 'm', aggregate: 'raw', ...everything });
  expect(points.map(([, value]) => value)).toEqual([42]);
  return outcome;
}

test('a truncated file or log: it opens, or says what is wrong and what to do', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { file, wal } = await crashImage();
  const outcomes = new Set<string>();
  const sizes = [0, 1, 4096, 12_288, 300_000, file.length >> 1, file.length - 262_144];
  for (const size of sizes) outcomes.add(await use({ file: file.subarray(0, size), wal }));
  expect(outcomes).toContain('refused');
  for (const size of [0, 23, wal.length >> 1, wal.length - 1]) {
    // DuckDB cuts a torn end off: the cursor is part of what it cuts.
    expect(await use({ file, wal: wal.subarray(0, size) })).toBe('works');
  }
  expect(await use({ file })).toBe('works');
  expect(await use({ wal })).toBe('works');
});

test('flipped bytes: it opens, or says what is wrong; what cannot be read is an error of the query', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { file, wal } = await crashImage();
  const outcomes: string[] = [];
  const flipped = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 0x10;
    return copy;
  };
  for (let at = 16; at < file.length; at += Math.ceil(file.length / 14)) {
    outcomes.push(await use({ file: flipped(file, at), wal }));
  }
  for (let at = 8; at < wal.length; at += Math.ceil(wal.length / 4)) {
    outcomes.push(await use({ file, wal: flipped(wal, at) }));
  }
  expect(outcomes).toContain('refused');
  expect(outcomes).toContain('unreadable');
});

test('a file that is no history', async () => {
  expect(await use({ file: Buffer.from('time,value\n1,2\n'.repeat(1000)) })).toBe('refused');
  expect(await use({ file: Buffer.alloc(100_000) })).toBe('refused');
  const directory = await scratchDirectory();
  await mkdir(historyPath(directory));
  await expect(openStore(directory)).rejects.toMatchObject({ code: 'history_unreadable' });
});

test('one process opens a file once', async () => {
  const directory = await scratchDirectory();
  const store = await openStore(directory);
  onTestFinished(() => store.close());
  await expect(openStore(directory)).rejects.toMatchObject({ code: 'history_locked' });
});
