import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, type TestContext, test, vi } from 'vitest';
import { DuckDbHistory } from '../../history/duckdb-history.js';
import { append, makePump, openJournal, scratchDirectory, series } from '../sinks.fixture.js';
import { allValues, openStore } from './duckdb.fixture.js';
import { DuckDbSink } from './sink.js';

const EVER = { from: 0, to: Date.UTC(2100, 0) };

/** A disk of its own, as small as `sizeMb`. Without root it cannot be made; in CI that is a failure. */
async function smallDisk(context: TestContext, sizeMb: number): Promise<string> {
  const directory = join(await scratchDirectory(), 'disk');
  await mkdir(directory);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', directory], { stdio: 'pipe' });
  } catch (error) {
    if (process.env.CI === 'true') throw error;
    console.warn('NOT TESTED: a full disk under the history needs the right to mount a tmpfs');
    context.skip('cannot mount a tmpfs');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', directory]));
  return directory;
}

/** Takes all space but `leaveBytes`; resolves with the way to give it back. */
async function fill(directory: string, leaveBytes: number): Promise<() => Promise<void>> {
  const { bavail, bsize } = statfsSync(directory);
  const ballast = join(directory, 'ballast');
  await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
  return () => rm(ballast);
}

/** `count` readings, in batches of 1,000. */
async function appendMany(journal: Awaited<ReturnType<typeof openJournal>>, from: number, count: number) {
  for (let at = 0; at < count; at += 1000) await append(journal, series('d', from + at, 1000));
}

test.for([
  ['committing', 0],
  ['sorting', 256 * 1024],
] as const)(
  'a disk that fills up while %s: the sink holds, and goes on when there is space',
  { timeout: 90_000 },
  async ([, leaveBytes], context) => {
    const disk = await smallDisk(context, 32);
    const journal = await openJournal(await scratchDirectory());
    const store = await openStore(disk, { hotPoints: 10_000, memory: '64MB' });
    const pump = makePump({ sink: new DuckDbSink(store, journal), journal });
    onTestFinished(async () => {
      await pump.close(1_000);
      await store.close();
    });
    await pump.open();
    await appendMany(journal, 0, 5_000);
    expect(await pump.settle(5_000, 10_000)).toBe(true);

    const giveBack = await fill(disk, leaveBytes);
    await appendMany(journal, 5_000, 60_000);
    await vi.waitFor(() => expect(pump.status()).toMatchObject({ state: 'holding' }), 20_000);
    expect(pump.status().error).toMatch(/space/);
    expect(pump.status().errors.full).toBeGreaterThan(0);

    const query = { device: 'd', metric: 'n', ...EVER, points: 1, limit: 1, aggregate: 'count' } as const;
    const answer = await new DuckDbHistory(store).query(query).catch((error: unknown) => error);
    if (answer instanceof Error) expect(answer).toMatchObject({ code: 'history_unavailable', status: 503 });

    await giveBack();
    await vi.waitFor(() => expect(pump.status()).toMatchObject({ state: 'running', lag: 0 }), 20_000);
    const numbers = (await allValues(store)).map(({ value }) => value);
    expect(numbers).toEqual(Array.from({ length: 65_000 }, (_unused, n) => n));
  },
);
