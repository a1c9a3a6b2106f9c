import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { nodeDisk } from './disk.js';
import type { SegmentJournalOptions } from './options.js';
import { SegmentJournal } from './segment-journal.js';
import { FaultyDisk, HeldSyncs, systemError } from './testing/faulty-disk.js';
import { readAll } from './testing/read-all.js';
import { sampleBatch, seqsOf } from './testing/sample-batch.js';
import { crashCopy, temporaryDirectory } from './testing/temporary-directory.js';

async function open(directory: string, options: SegmentJournalOptions = {}): Promise<SegmentJournal> {
  const journal = await SegmentJournal.open(directory, options);
  onTestFinished(() => journal.close());
  journal.attach('history');
  return journal;
}

async function openFaulty(options: SegmentJournalOptions = {}) {
  const disk = new FaultyDisk();
  const directory = await temporaryDirectory();
  const journal = await open(directory, { disk, ...options });
  return { disk, directory, journal };
}

describe('a failed sync', () => {
  test('rejects what it held; the log goes on in a new segment, with the same batch', async () => {
    const { disk, directory, journal } = await openFaulty();
    await journal.append(sampleBatch(1, 2));
    disk.fdatasync = async () => {
      disk.fdatasync = nodeDisk.fdatasync;
      throw systemError('EIO');
    };
    await expect(journal.append(sampleBatch(3, 2))).rejects.toMatchObject({ code: 'sync_failed' });
    expect(journal.head).toBe(2);
    expect(journal.watermarks('esp-7f3a')[0]?.high).toBe(2);
    expect(await journal.append(sampleBatch(3, 2))).toMatchObject({ first: 3, last: 4 });
    expect(journal.stats()).toMatchObject({ segments: 2, trouble: null, damaged: 0 });
    expect(seqsOf(await readAll(journal))).toEqual([1, 2, 3, 4]);
    const copy = await open(await crashCopy(directory));
    expect(seqsOf(await readAll(copy))).toEqual([1, 2, 3, 4]);
  });

  test('takes with it what was written after it, even when that was synced', async () => {
    const { disk, journal } = await openFaulty();
    const syncs = new HeldSyncs(disk);
    const first = journal.append(sampleBatch(1));
    await syncs.waiting(1);
    const second = journal.append(sampleBatch(2));
    await syncs.waiting(2);
    const third = journal.append(sampleBatch(3));
    const refused = Promise.all([
      expect(first).rejects.toMatchObject({ code: 'sync_failed' }),
      expect(second).rejects.toMatchObject({ code: 'sync_failed' }),
    ]);
    await syncs.held[1]?.release();
    syncs.held[0]?.fail(systemError('EIO'));
    await refused;
    // What waited follows in the new segment.
    await syncs.waiting(3);
    await syncs.releaseAll();
    expect(await third).toMatchObject({ first: 1 });
    expect(seqsOf(await readAll(journal))).toEqual([3]);
  });

  test('leaves alone what was written before it', async () => {
    const { disk, journal } = await openFaulty();
    const syncs = new HeldSyncs(disk);
    const first = journal.append(sampleBatch(1));
    await syncs.waiting(1);
    const second = journal.append(sampleBatch(2));
    await syncs.waiting(2);
    const refused = expect(second).rejects.toMatchObject({ code: 'sync_failed' });
    syncs.held[1]?.fail(systemError('EIO'));
    const released = syncs.releaseAll();
    expect(await first).toMatchObject({ first: 1, last: 1 });
    await Promise.all([refused, released]);
    expect(seqsOf(await readAll(journal))).toEqual([1]);
  });

  test('takes with it what is being written while it fails', async () => {
    const { disk, directory, journal } = await openFaulty();
    await journal.append(sampleBatch(1));
    const syncs = new HeldSyncs(disk);
    const first = journal.append(sampleBatch(2));
    await syncs.waiting(1);
    const { write } = disk;
    const { writing, release } = holdWrites(disk);
    const second = journal.append(sampleBatch(3));
    await writing;
    const refused = expect(second).rejects.toMatchObject({ code: 'sync_failed' });
    syncs.held[0]?.fail(systemError('EIO'));
    await expect(first).rejects.toMatchObject({ code: 'sync_failed' });
    disk.write = write;
    release();
    await refused;
    await syncs.releaseAll();
    expect(await journal.append(sampleBatch(4))).toMatchObject({ first: 2, last: 2 });
    expect(seqsOf(await readAll(journal))).toEqual([1, 4]);
    expect(seqsOf(await readAll(await open(await crashCopy(directory))))).toEqual([1, 4]);
  });

  test('whose file cannot be cut: what it holds beyond does not come back', async () => {
    const { disk, directory, journal } = await openFaulty();
    await journal.append(sampleBatch(1));
    disk.truncate = () => Promise.reject(systemError('EIO'));
    disk.fdatasync = async () => {
      disk.fdatasync = nodeDisk.fdatasync;
      throw systemError('EIO');
    };
    await expect(journal.append(sampleBatch(2))).rejects.toMatchObject({ code: 'sync_failed' });
    await journal.append(sampleBatch(3));
    const copy = await open(await crashCopy(directory));
    expect(seqsOf(await readAll(copy))).toEqual([1, 3]);
    expect(copy.watermarks('esp-7f3a')[0]?.gaps).toEqual([[2, 2]]);
  });

  test('stays the trouble while no new segment can be made, and passes without an append', async () => {
    const { disk, journal } = await openFaulty({ maintenanceMs: 5 });
    await journal.append(sampleBatch(1));
    disk.fdatasync = () => Promise.reject(systemError('EIO'));
    await expect(journal.append(sampleBatch(2))).rejects.toMatchObject({ code: 'sync_failed' });
    await expect(journal.append(sampleBatch(2))).rejects.toMatchObject({ code: 'sync_failed' });
    expect(journal.stats().trouble).toBe('sync_failed');
    disk.fdatasync = nodeDisk.fdatasync;
    await vi.waitFor(() => expect(journal.stats().trouble).toBeNull(), 10_000);
    expect((await journal.append(sampleBatch(2))).first).toBe(2);
    expect(seqsOf(await readAll(journal))).toEqual([1, 2]);
  });

  test('at close does not keep the journal from closing', async () => {
    const { disk, journal } = await openFaulty();
    disk.fdatasync = () => Promise.reject(systemError('EIO'));
    const refused = expect(journal.append(sampleBatch(1))).rejects.toMatchObject({ code: 'sync_failed' });
    await journal.close();
    await refused;
  });
});

describe('a full disk', () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EIO']) {
    test(`${code} in the middle of a write: cut back, refused, and taken later`, async () => {
      const { disk, directory, journal } = await openFaulty();
      await journal.append(sampleBatch(1));
      let room = 100;
      disk.write = async (fd, bytes, position) => {
        if (room === 0) throw systemError(code);
        const n = await nodeDisk.write(fd, bytes.subarray(0, room), position);
        room -= n;
        return n;
      };
      await expect(journal.append(sampleBatch(2, 9))).rejects.toMatchObject({ code: 'disk_full' });
      expect(journal.stats().trouble).toBe('disk_full');
      expect((await open(await crashCopy(directory))).stats()).toMatchObject({ head: 1, tornBytes: 0 });
      disk.write = nodeDisk.write;
      expect(await journal.append(sampleBatch(2, 9))).toMatchObject({ first: 2, last: 10 });
      expect(journal.stats()).toMatchObject({ trouble: null, segments: 1 });
    });
  }

  test('whose half-written end cannot be cut: the log goes on in a new segment', async () => {
    const { disk, directory, journal } = await openFaulty();
    await journal.append(sampleBatch(1));
    disk.write = async (fd, bytes, position) => {
      await nodeDisk.write(fd, bytes.subarray(0, bytes.length - 1), position);
      throw systemError('EIO');
    };
    disk.truncate = () => Promise.reject(systemError('EIO'));
    await expect(journal.append(sampleBatch(2))).rejects.toMatchObject({ code: 'disk_full' });
    Object.assign(disk, { write: nodeDisk.write, truncate: nodeDisk.truncate });
    expect((await journal.append(sampleBatch(3))).first).toBe(2);
    expect(journal.stats().segments).toBe(2);
    expect(seqsOf(await readAll(await open(await crashCopy(directory))))).toEqual([1, 3]);
  });

  test('when a new segment is due: the old one stays, nothing is lost', async () => {
    const { disk, directory, journal } = await openFaulty({ segmentBytes: 200 });
    await journal.append(sampleBatch(1, 3));
    disk.write = () => Promise.reject(systemError('ENOSPC'));
    await expect(journal.append(sampleBatch(4))).rejects.toMatchObject({ code: 'disk_full' });
    expect(journal.stats().segments).toBe(1);
    disk.write = nodeDisk.write;
    expect((await journal.append(sampleBatch(4))).first).toBe(4);
    expect(seqsOf(await readAll(await open(await crashCopy(directory))))).toEqual([1, 2, 3, 4]);
  });

  test('the trouble passes without an append', async () => {
    const { disk, journal } = await openFaulty({ maintenanceMs: 5 });
    disk.write = () => Promise.reject(systemError('ENOSPC'));
    await expect(journal.append(sampleBatch(1))).rejects.toMatchObject({ code: 'disk_full' });
    disk.write = nodeDisk.write;
    await vi.waitFor(() => expect(journal.stats().trouble).toBeNull(), 10_000);
  });

  test('less free space than the operator wants kept refuses appends, until there is more', async () => {
    const disk = new FaultyDisk();
    disk.freeBytes = async () => 999;
    const options = { disk, minFreeBytes: 1000, maintenanceMs: 5 };
    const journal = await open(await temporaryDirectory(), options);
    await expect(journal.append(sampleBatch(1))).rejects.toMatchObject({ code: 'disk_full' });
    expect(journal.stats().trouble).toBe('disk_full');
    disk.freeBytes = async () => 1000;
    await vi.waitFor(() => expect(journal.stats().trouble).toBeNull(), 10_000);
    await journal.append(sampleBatch(1));
  });

  test('a file system that cannot tell its free space stops nothing', async () => {
    const disk = new FaultyDisk();
    disk.freeBytes = () => Promise.reject(systemError('ENOSYS'));
    const journal = await open(await temporaryDirectory(), { disk, minFreeBytes: 1000 });
    await journal.append(sampleBatch(1));
  });

  test('a real one of 1 MB fills up, refuses, and takes appends again once a reader has confirmed', async ({
    skip,
  }) => {
    const directory = `${await temporaryDirectory()}/full`;
    await mkdir(directory);
    const refusal = await mountSmall(directory);
    if (refusal !== undefined) {
      if (process.env.CI === 'true') throw new Error(refusal);
      console.warn(`NOT TESTED: a really full disk. ${refusal}`);
      return skip(refusal);
    }
    const journal = await open(directory, { segmentBytes: 100_000, maintenanceMs: 5 });
    let seq = 1;
    const fill = async () => {
      for (;;) {
        await journal.append(sampleBatch(seq, 50));
        seq += 50;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'disk_full' });
    expect(journal.head).toBe(seq - 1);
    expect(seq).toBeGreaterThan(5000);
    expect(seqsOf(await readAll(journal))).toHaveLength(seq - 1);
    journal.commit('history', journal.head);
    await vi.waitFor(() => expect(journal.stats()).toMatchObject({ segments: 1, trouble: null }), 10_000);
    await journal.append(sampleBatch(seq, 50));
    await journal.close();
    const again = await open(directory);
    expect(again.watermarks('esp-7f3a')).toEqual([{ boot: '9c1e4b7a', high: seq + 49, gaps: [] }]);
    await again.close();
  });
});

/** Holds the next write in the test's hand. */
function holdWrites(disk: FaultyDisk): { writing: Promise<void>; release: () => void } {
  const { write } = disk;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const writing = new Promise<void>((started) => {
    disk.write = async (fd, bytes, position) => {
      started();
      await released;
      return write(fd, bytes, position);
    };
  });
  return { writing, release };
}

/** Mounts a file system of 1 MB in memory; resolves with why that cannot be done here. */
async function mountSmall(directory: string): Promise<string | undefined> {
  const run = promisify(execFile);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory]);
    onTestFinished(async () => {
      await run('umount', ['-l', directory]);
    });
    return undefined;
  } catch (error) {
    return `This needs the right to mount a tmpfs: ${error instanceof Error ? error.message : String(error)}`;
  }
}
