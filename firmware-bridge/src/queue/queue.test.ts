import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Disk, nodeDisk } from '@fieldline/journal';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Queue, type QueueOptions } from './queue.js';

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

const open = (options: Partial<QueueOptions> = {}) =>
  Queue.open(join(directory, options.whenFull ?? 'queue'), 'board', {
    ...{ maxBytes: 1024 * 1024, whenFull: 'drop_oldest', warn: () => undefined },
    ...options,
  });
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

  it('acknowledges a numbered message once it is on the disk; others go on at once', async () => {
    const { disk, syncs, release } = heldDisk();
    const held = await open({ whenFull: 'refuse', disk });
    const fresh: number[] = [];
    held.onAdded((waiting) => fresh.push(...waiting.map(({ seq }) => seq)));
    let isKept = false;
    const kept = held.add(numbered(1)).then(() => {
      isKept = true;
    });
    await held.add(row(1));
    expect(fresh).toEqual([1, 2]);
    await expect.poll(() => syncs.length).toBe(1);
    expect(isKept).toBe(false);
    release();
    await kept;
    await held.close();
  });

  it('syncs what the hub does not take, and nothing that it has', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { disk, syncs, release } = heldDisk();
    const held = await open({ whenFull: 'refuse', disk });
    await held.add(row(1));
    held.confirm(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(syncs).toEqual([]);
    await held.add(row(2));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(syncs).toHaveLength(1);
    release();
    await held.close();
  });

  it('sends no more than a power cut may take without a number being given twice', async () => {
    const { disk, syncs, release } = heldDisk();
    const held = await open({ whenFull: 'refuse', disk });
    let sent = 0;
    held.onAdded((waiting) => {
      sent += waiting.length;
    });
    const all = Promise.all(Array.from({ length: 300 }, () => held.add({ body: '{"values":{}}' })));
    await expect.poll(() => syncs.length).toBeGreaterThan(0);
    await expect.poll(() => sent).toBe(128);
    release();
    await all;
    expect(sent).toBe(300);
    await held.close();
  });

  it('begins with all on the disk that a killed process has left', async () => {
    await queue.add(row(1));
    await queue.close();
    const { disk, syncs, release } = heldDisk();
    let isOpen = false;
    const opening = open({ disk }).then((opened) => {
      isOpen = true;
      queue = opened;
    });
    await expect.poll(() => syncs.length).toBe(1);
    expect(isOpen).toBe(false);
    release();
    await opening;
  });

  it('has no message twice whose sync has failed: it counts once the hub has it', async () => {
    const { disk, syncs, release } = heldDisk();
    const held = await open({ whenFull: 'refuse', disk });
    let isKept = false;
    const kept = held.add(numbered(1)).then(() => {
      isKept = true;
    });
    await expect.poll(() => syncs.length).toBe(1);
    release(new Error('EIO'));
    // The journal goes on in another file.
    await held.add(row(1));
    expect((await held.read(0, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(isKept).toBe(false);
    held.confirm(1);
    await kept;
    await held.close();
  });

  it('gives no number twice after a power cut, and repeats what waits under the old ones', async () => {
    const cut = join(directory, 'cut');
    for (let time = 1; time <= 3; time++) await queue.add(row(time));
    queue.confirm(2);
    // What comes now was sent, and is gone with the power.
    cpSync(join(directory, 'queue'), cut, { recursive: true });
    cpSync(join(directory, 'queue.json'), `${cut}.json`);
    for (let time = 4; time <= 9; time++) await queue.add(row(time));
    const { boot } = queue;
    await queue.close();

    rmSync(join(directory, 'queue'), { recursive: true });
    renameSync(cut, join(directory, 'queue'));
    renameSync(`${cut}.json`, join(directory, 'queue.json'));
    for (const name of readdirSync(join(directory, 'queue'))) {
      if (name.startsWith('lock')) rmSync(join(directory, 'queue', name));
    }
    queue = await open({ system: 'another start' });
    expect(queue.boot).toBe(boot);
    expect(queue.highest).toBeGreaterThan(9);
    queue.confirm(9);
    expect(queue.stats.messages).toBe(0);
    expect(queue.confirmed).toBe(queue.highest);
    await queue.add(row(10));
    const [waiting] = await queue.read(queue.confirmed - 1, 10);
    expect(waiting).toEqual({ seq: expect.any(Number), body: '{"time":10,"values":{"a":1}}' });
    expect(waiting?.seq).toBeGreaterThan(9);
    expect(queue.highest).toBe(waiting?.seq);
  });

  it('warns where its numbers are gone and something waits, and only then', async () => {
    const warn = vi.fn();
    await queue.add(row(1));
    for (const isConfirmed of [false, true]) {
      if (isConfirmed) queue.confirm(1);
      await queue.close();
      rmSync(join(directory, 'queue.json'));
      queue = await open({ warn });
    }
    expect(warn.mock.calls).toEqual([[expect.stringContaining('queue.json is missing')]]);
  });

  it('keeps its new name once the hub knew more of the old one', async () => {
    await queue.add(row(1));
    const { boot } = queue;
    const renamed = queue.rename();
    await queue.close();
    queue = await open();
    expect([queue.boot === boot, queue.boot]).toEqual([false, renamed]);
    expect((await queue.read(0, 10)).map(({ seq }) => seq)).toEqual([1]);
  });
});

/** A disk whose syncs wait in the test's hand until they are let go, but for those of new files. */
function heldDisk() {
  const syncs: ((error?: Error) => void)[] = [];
  let isBeginning = false;
  let isHeld = true;
  const disk: Disk = {
    ...nodeDisk,
    async open(path, flags) {
      isBeginning ||= flags === 'w+';
      return nodeDisk.open(path, flags);
    },
    fdatasync(fd) {
      if (isBeginning || !isHeld) {
        isBeginning = false;
        return nodeDisk.fdatasync(fd);
      }
      return new Promise((resolve, reject) => {
        syncs.push((error) => (error === undefined ? resolve() : reject(error)));
      });
    },
  };
  const release = (error?: Error) => {
    isHeld = false;
    for (const settle of syncs.splice(0)) settle(error);
  };
  return { disk, syncs, release };
}
