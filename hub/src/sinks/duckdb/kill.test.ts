import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratchDirectory } from '../sinks.fixture.js';
import { BUILD, historyPath, openStore, sql } from './duckdb.fixture.js';

const KILLS = 8;

/** Starts a writer; resolves with it and what it has told last. */
function startWriter(path: string, hotPoints: number) {
  const writer = fork(join(BUILD, 'sinks/duckdb/endless-writer.fixture.js'), [path, String(hotPoints)], {
    execArgv: [],
  });
  onTestFinished(() => void writer.kill('SIGKILL'));
  const told = { last: -1 };
  writer.on('message', (last) => {
    told.last = Number(last);
  });
  return { writer, told };
}

/** Resolves once the writer has confirmed `count` more writes. */
async function confirmed(writer: ChildProcess, count: number): Promise<void> {
  let left = count;
  for await (const _ of on(writer, 'message', { close: ['exit'] })) {
    if (--left === 0) return;
  }
  throw new Error(`the writer ended by itself with ${writer.exitCode ?? writer.signalCode}`);
}

test('kill -9 during commits and sorting: what was confirmed is there, everything once', {
  timeout: 120_000,
}, async () => {
  const path = historyPath(await scratchDirectory());
  let sorted = false;
  for (let kill = 0; kill < KILLS; kill++) {
    // A small hot table: sorting is under way nearly all the time.
    const { writer, told } = startWriter(path, 6_000);
    await confirmed(writer, 8 + 2 * kill);
    const delay = setTimeout(() => writer.kill('SIGKILL'), (kill * 13) % 29);
    await once(writer, 'exit');
    clearTimeout(delay);

    const tables = (await sql(path, 'select table_name from duckdb_tables() order by 1')).flat().map(String);
    const holding = (pattern: RegExp) =>
      tables.filter((name) => pattern.test(name)).map((name) => `select value from ${name}`);
    const points = holding(/^(hot_\d+|day_\d+)$/).join(' union all ');
    const texts = holding(/^(hot_texts_\d+|texts_\d+)$/).join(' union all ');
    sorted ||= tables.some((name) => name.startsWith('day_'));
    const [[cursor] = []] = await sql(path, 'select pos from cursor');
    const last = Number(cursor);
    expect(last).toBeGreaterThanOrEqual(told.last);
    const summary = `select count(*)::INTEGER, count(distinct value)::INTEGER, max(value)`;
    expect(await sql(path, `${summary} from (${points})`)).toEqual([[last, last, last]]);
    const textCount = Math.floor(last / 5);
    expect(await sql(path, `${summary} from (${texts})`)).toEqual([
      [textCount, textCount, expect.any(String)],
    ]);
  }
  expect(sorted).toBe(true);
});

test('a second process is told that the file is in use', async () => {
  const path = historyPath(await scratchDirectory());
  const { writer } = startWriter(path, 1_000_000);
  await confirmed(writer, 2);
  await expect(openStore(dirname(path))).rejects.toMatchObject({
    code: 'history_locked',
    message: expect.stringContaining(path),
  });
});
