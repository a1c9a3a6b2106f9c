import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueConfig } from '../config/config.js';
import { Queue } from './queue.js';

let directory: string;
let queue: Queue;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-queue-'));
  queue = await open();
});
afterEach(async () => {
  await queue.close();
  rmSync(directory, { recursive: true });
});

const open = (config: Partial<QueueConfig> = {}) =>
  Queue.open(
    join(directory, config.whenFull ?? 'queue'),
    'board',
    { maxBytes: 1024 * 1024, whenFull: 'drop_oldest', ...config },
    () => undefined,
  );
const row = (time: number) => ({ row: { time, values: '{"a":1}' } });
const numbered = (seq: number, body = '{"values":{}}') => ({ body, number: { boot: 'b', seq } });

describe('the queue', () => {
  it('sends what came together as rows of one message, and numbered ones by themselves', async () => {
    await Promise.all(
      [row(1), row(2), numbered(7), row(3), { body: '{"rows":[]}' }].map((one) => queue.add(one)),
    );
    expect(await queue.read(0, 10)).toEqual([
      { seq: 1, body: '{"rows":[[1,{"a":1}],[2,{"a":1}]]}' },
      { seq: 2, body: '{"values":{}}' },
      { seq: 3, body: '{"time":3,"values":{"a":1}}' },
      { seq: 4, body: '{"rows":[]}' },
    ]);
    expect(queue.watermarks()).toMatchObject([{ boot: 'b', high: 7 }]);
  });

  it('keeps a message of rows far below what a hub takes', async () => {
    const values = JSON.stringify({ text: 'x'.repeat(1_000) });
    await Promise.all(Array.from({ length: 100 }, (_, time) => queue.add({ row: { time, values } })));
    const messages = await queue.read(0, 100);
    expect(Math.max(...messages.map(({ body }) => body.length))).toBeLessThan(20_000);
    const rows = messages.flatMap(({ body }) => (JSON.parse(body) as { rows: [number, object][] }).rows);
    expect(rows.map(([time]) => time)).toEqual(Array.from({ length: 100 }, (_, time) => time));
  });

  it('writes no more messages a second than a hub takes, and loses nothing by it', async () => {
    const adding: Promise<void>[] = [];
    const until = performance.now() + 1_500;
    while (performance.now() < until) {
      adding.push(queue.add(row(adding.length)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(adding);
    // A burst of 40, and 80 a second.
    expect(queue.highest).toBeLessThan(40 + 80 * 1.5 * 1.5);
    expect(queue.stats.messages).toBe(queue.highest);
    const messages = await queue.read(0, 1_000);
    const rows = messages.flatMap(({ body }) => {
      const { time, rows = [[time]] } = JSON.parse(body) as { time?: number; rows?: [number | undefined][] };
      return rows.map(([at]) => at);
    });
    expect(rows).toEqual(adding.map((_, time) => time));
  });

  it('goes on with the same numbers and the same boot, and knows what the hub has', async () => {
    for (let seq = 1; seq <= 5; seq++) await queue.add(numbered(seq));
    queue.confirm(3);
    const { boot } = queue;
    await queue.close();
    queue = await open();
    expect([queue.boot, queue.highest, queue.confirmed]).toEqual([boot, 5, 3]);
    expect((await queue.read(0, 10)).map(({ seq }) => seq)).toEqual([4, 5]);
    expect(queue.stats.messages).toBe(2);
  });

  it('takes nothing more at its limit, until the hub has something', async () => {
    const small = await open({ maxBytes: 64 * 1024, whenFull: 'refuse' });
    const body = JSON.stringify({ values: { text: 'x'.repeat(200) } });
    const fill = async () => {
      for (let seq = small.highest + 1; ; seq++) await small.add(numbered(seq, body));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'journal_full' });
    expect(small.stats).toMatchObject({ trouble: 'journal_full', dropped: 0 });
    const full = small.highest;
    small.confirm(full);
    await expect(fill()).rejects.toMatchObject({ code: 'journal_full' });
    expect(small.highest).toBeGreaterThan(full);
    await small.close();
  });
});
