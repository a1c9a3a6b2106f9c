import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Disk, nodeDisk } from '@fieldline/journal';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LateSync } from './late-sync.js';

let directory: string;
/** Syncs that wait in the test's hand. */
let syncs: { readonly fd: number; done(error?: Error): void }[];
let late: LateSync;
let fd: number;
let path: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-sync-'));
  path = join(directory, 'file');
  syncs = [];
  const disk: Disk = {
    ...nodeDisk,
    fdatasync: (fd) =>
      new Promise((resolve, reject) => {
        syncs.push({ fd, done: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  };
  late = new LateSync(disk);
  fd = await late.disk.open(path, 'w+');
});
afterEach(() => rmSync(directory, { recursive: true }));

const text = (content: string) => Buffer.from(content);
/** The beginning of the file is on the disk. The journal has another descriptor for its syncs. */
async function begun(): Promise<void> {
  const other = await late.disk.open(path, 'r+');
  const first = late.disk.fdatasync(other);
  syncs.shift()?.done();
  await first;
  await late.disk.close(other);
}

it('syncs the beginning of a new file at once, and what follows when it is asked to', async () => {
  await begun();
  await late.disk.write(fd, text('one'), 0);
  await late.disk.fdatasync(fd);
  expect(readFileSync(path, 'utf8')).toBe('one');
  expect(syncs).toEqual([]);
  const synced = late.sync();
  await expect.poll(() => syncs.length).toBe(1);
  syncs.shift()?.done();
  await synced;
  await late.sync();
  expect(syncs).toEqual([]);
});

it('takes what was written while a sync was under way with the next one, for all who wait', async () => {
  await begun();
  await late.disk.fdatasync(fd);
  const first = late.sync();
  await expect.poll(() => syncs.length).toBe(1);
  await late.disk.fdatasync(fd);
  const more = [late.sync(), late.sync()];
  syncs.shift()?.done();
  await first;
  await expect.poll(() => syncs.length).toBe(1);
  syncs.shift()?.done();
  await Promise.all(more);
  expect(syncs).toEqual([]);
});

it('calls nothing synced after a failure until the journal was told of it', async () => {
  await begun();
  await late.disk.fdatasync(fd);
  const failing = late.sync();
  await expect.poll(() => syncs.length).toBe(1);
  syncs.shift()?.done(new Error('EIO'));
  await expect(failing).rejects.toThrow('EIO');
  await expect(late.sync()).rejects.toThrow('EIO');
  await expect(late.disk.fdatasync(fd)).rejects.toThrow('EIO');
  await late.sync();
});

it('syncs before a file is closed, and before there is another one', async () => {
  await begun();
  await late.disk.fdatasync(fd);
  const other = late.disk.open(join(directory, 'other'), 'w+');
  await expect.poll(() => syncs.length).toBe(1);
  expect(syncs[0]?.fd).toBe(fd);
  syncs.shift()?.done();
  fd = await other;
  await begun();
  await late.disk.fdatasync(fd);
  const closed = late.disk.close(fd);
  await expect.poll(() => syncs.length).toBe(1);
  syncs.shift()?.done();
  await closed;
});
