import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SegmentJournal } from './segment-journal.js';
import { readAll } from './testing/read-all.js';
import { seqsOf } from './testing/sample-batch.js';
import { temporaryDirectory } from './testing/temporary-directory.js';

const child = fileURLToPath(new URL('../dist/testing/append-until-killed.js', import.meta.url));

/** Lets the child append until it has reported `reports` times, kills it, and returns the highest number. */
async function appendAndKill(directory: string, reports: number): Promise<number> {
  const process_ = spawn(process.execPath, [child, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(process_, 'exit');
  let synced = 0;
  let left = reports;
  for await (const line of createInterface(process_.stdout)) {
    synced = Math.max(synced, Number(line));
    if (--left === 0) process_.kill('SIGKILL');
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return synced;
}

test('what was reported as synced survives kill -9, once each, ten times in a row', async () => {
  if (!existsSync(child)) throw new Error(`${child} is missing: run "npx tsc -b journal" first`);
  const directory = await temporaryDirectory();
  for (let kill = 0; kill < 10; kill++) {
    const synced = await appendAndKill(directory, 5 + kill * 7);
    const journal = await SegmentJournal.open(directory);
    const [mark] = journal.watermarks('esp-7f3a');
    expect(mark?.high).toBeGreaterThanOrEqual(synced);
    expect(mark?.gaps).toEqual([]);
    expect(journal.head).toBe(mark?.high);
    expect(journal.stats().damaged).toBe(0);
    const seqs = seqsOf(await readAll(journal));
    expect(seqs).toEqual(Array.from({ length: journal.head }, (_, at) => at + 1));
    await journal.close();
  }
}, 60_000);
