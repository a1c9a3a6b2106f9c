import { readdir } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SegmentJournalOptions } from './options.js';
import { packBatch } from './pack.js';
import { SegmentJournal } from './segment-journal.js';
import { FaultyDisk, HeldSyncs } from './testing/faulty-disk.js';
import { journalContract } from './testing/journal.contract.js';
import { readAll } from './testing/read-all.js';
import { sampleBatch, seqsOf } from './testing/sample-batch.js';
import { crashCopy, temporaryDirectory } from './testing/temporary-directory.js';
import type { Reading } from './types.js';

async function open(directory: string, options: SegmentJournalOptions = {}): Promise<SegmentJournal> {
  const journal = await SegmentJournal.open(directory, options);
  onTestFinished(() => journal.close());
  return journal;
}

journalContract('segment files', async () => {
  const directory = await temporaryDirectory();
  return { open: () => SegmentJournal.open(directory, { maintenanceMs: 20 }) };
});

journalContract('segment files of 300 bytes, nothing kept in memory', async () => {
  const directory = await temporaryDirectory();
  const options = { segmentBytes: 300, tailBytes: 0, tailReadings: 0, maintenanceMs: 20 };
  return { open: () => SegmentJournal.open(directory, options) };
});

describe('group commit', () => {
  test('no append resolves before its sync has returned, and at most two syncs are under way', async () => {
    const disk = new FaultyDisk();
    const journal = await open(await temporaryDirectory(), { disk });
    const syncs = new HeldSyncs(disk);
    const resolved: number[] = [];
    const append = (seq: number) => journal.append(sampleBatch(seq)).then(() => resolved.push(seq));

    const all = [append(1)];
    await syncs.waiting(1);
    all.push(append(2));
    await syncs.waiting(2);
    all.push(append(3), append(4), append(5));
    expect([...resolved, journal.head]).toEqual([0]);

    // One descriptor each: an error that the kernel reports once cannot be taken by the wrong one.
    expect(syncs.held[0]?.fd).not.toBe(syncs.held[1]?.fd);

    // The second sync returns first: its append waits for the one before it.
    await syncs.held[1]?.release();
    expect([...resolved, journal.head]).toEqual([0]);

    await syncs.held[0]?.release();
    // What arrived meanwhile shares one sync.
    await syncs.waiting(3);
    expect([...resolved, journal.head]).toEqual([1, 2, 2]);
    await syncs.releaseAll();
    await Promise.all(all);
    expect([...resolved, journal.head]).toEqual([1, 2, 3, 4, 5, 5]);
    expect(syncs.held).toHaveLength(3);
  });

  test('nothing is read before it is synced', async () => {
    const disk = new FaultyDisk();
    const journal = await open(await temporaryDirectory(), { disk, tailBytes: 0 });
    await journal.append(sampleBatch(1));
    const syncs = new HeldSyncs(disk);
    const second = journal.append(sampleBatch(2));
    await syncs.waiting(1);
    expect(seqsOf(await journal.read(0, 100))).toEqual([1]);
    expect(journal.watermarks('esp-7f3a')[0]?.high).toBe(1);
    await syncs.releaseAll();
    await second;
    expect(seqsOf(await journal.read(0, 100))).toEqual([1, 2]);
  });

  test('a short write is continued', async () => {
    const disk = new FaultyDisk();
    const { write } = disk;
    disk.write = (fd, bytes, position) => write(fd, bytes.subarray(0, Math.min(7, bytes.length)), position);
    const directory = await temporaryDirectory();
    const journal = await open(directory, { disk });
    await journal.append(sampleBatch(1, 3));
    await journal.close();
    expect(seqsOf(await readAll(await open(directory)))).toEqual([1, 2, 3]);
  });

  test('an append that no record holds is split, and read in parts', async () => {
    const directory = await temporaryDirectory();
    const journal = await open(directory, { recordBytes: 1000 });
    journal.attach('history');
    const batch = sampleBatch(1, 100);
    const entry = await journal.append(batch);
    expect(entry).toMatchObject({ first: 1, last: 100 });
    expect(entry.packed).toEqual(packBatch(batch));
    expect(entry.readings()).toEqual(batch.readings);
    expect((await journal.append(sampleBatch(101))).first).toBe(101);
    await journal.close();
    const again = await open(directory);
    const entries = await readAll(again);
    expect(entries.length).toBeGreaterThan(5);
    expect(seqsOf(entries)).toEqual(Array.from({ length: 101 }, (_, at) => at + 1));
    expect(again.watermarks('esp-7f3a')).toEqual([{ boot: '9c1e4b7a', high: 101, gaps: [] }]);
  });

  test('one reading that no record holds is refused, and disturbs nothing', async () => {
    const journal = await open(await temporaryDirectory(), { recordBytes: 1000 });
    const reading = { ...sampleBatch(1).readings[0], values: { state: 'x'.repeat(2000) } } as Reading;
    await expect(journal.append({ readings: [reading], ranges: [] })).rejects.toMatchObject({
      code: 'too_large',
    });
    expect((await journal.append(sampleBatch(1))).first).toBe(1);
  });

  test('a range that is none is refused before it is written', async () => {
    const journal = await open(await temporaryDirectory());
    for (const [first, last] of [
      [0, 1],
      [3, 2],
      [1, Number.NaN],
      [1, 1.5],
    ] as const) {
      const range = { device: 'd', boot: 'b', first, last };
      await expect(journal.append({ readings: [], ranges: [range] })).rejects.toThrow(RangeError);
    }
    await journal.append(sampleBatch(1));
    expect(journal.stats().bytes).toBeLessThan(1000);
  });

  test('what waits in memory is bounded', async () => {
    const disk = new FaultyDisk();
    const journal = await open(await temporaryDirectory(), { disk, queueBytes: 2000 });
    const syncs = new HeldSyncs(disk);
    const taken = [journal.append(sampleBatch(1))];
    await syncs.waiting(1);
    taken.push(journal.append(sampleBatch(2)));
    await syncs.waiting(2);
    taken.push(journal.append(sampleBatch(3, 50)));
    await expect(journal.append(sampleBatch(53))).rejects.toMatchObject({ code: 'journal_full' });
    await syncs.releaseAll();
    await Promise.all(taken);
    expect(journal.head).toBe(52);
  });

  test('a cursor goes to disk by itself while nothing is appended', async () => {
    const disk = new FaultyDisk();
    const directory = await temporaryDirectory();
    const journal = await open(directory, { disk, maintenanceMs: 5 });
    journal.attach('history');
    await journal.append(sampleBatch(1, 9));
    const syncs = new HeldSyncs(disk);
    journal.commit('history', 7);
    await syncs.waiting(1);
    await syncs.releaseAll();
    const copy = await crashCopy(directory);
    expect((await open(copy)).attach('history')).toBe(7);
  });

  test('tells how long syncs took', async () => {
    const durationsMs: number[] = [];
    const journal = await open(await temporaryDirectory(), { onSync: (ms) => durationsMs.push(ms) });
    await journal.append(sampleBatch(1));
    expect(durationsMs).toHaveLength(1);
    expect(durationsMs[0]).toBeGreaterThanOrEqual(0);
  });
});

describe('segments', () => {
  test('a full segment gets a successor, and all are read on', async () => {
    const directory = await temporaryDirectory();
    const journal = await open(directory, { segmentBytes: 2000, tailBytes: 0 });
    journal.attach('history');
    for (let seq = 1; seq <= 60; seq++) await journal.append(sampleBatch(seq));
    expect(journal.stats().segments).toBeGreaterThan(4);
    expect(seqsOf(await readAll(journal, 0, 7))).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
    await journal.close();
    const names = (await readdir(directory)).filter((name) => !name.startsWith('lock.'));
    expect(names[0]).toBe('00000001-0000000000000001.seg');
    expect(names).toHaveLength(journal.stats().segments);
  });

  test('the snapshot holds ten thousand devices, without any segment before it', async () => {
    const directory = await temporaryDirectory();
    const journal = await open(directory, { segmentBytes: 1_000_000 });
    const ranges = Array.from({ length: 10_000 }, (_, at) => ({
      device: `device-${at}`,
      boot: 'b',
      first: 5,
      last: at + 5,
    }));
    for (const boot of ['b1', 'b2', 'b3', 'b4']) {
      await journal.append({ readings: [], ranges: ranges.map((range) => ({ ...range, boot })) });
    }
    // No reader is attached, so the segments before the last one go.
    await journal.append(sampleBatch(1, 20_000));
    await journal.append(sampleBatch(20_001));
    journal.retain([]);
    await journal.close();
    const again = await open(directory);
    expect(again.watermarks('device-9999')).toHaveLength(4);
    expect(again.watermarks('device-7')[0]).toEqual({ boot: 'b1', high: 12, gaps: [[1, 4]] });
    expect(again.stats().damaged).toBe(0);
  });

  test('objects and packed bytes of the newest entries only are kept in memory', async () => {
    const journal = await open(await temporaryDirectory(), { tailReadings: 20, tailBytes: 4000 });
    journal.attach('history');
    const batches = Array.from({ length: 20 }, (_, at) => sampleBatch(at * 10 + 1, 10));
    for (const batch of batches) await journal.append(batch);
    const entries = await readAll(journal);
    expect(entries.map((entry) => entry.readings())).toEqual(batches.map(({ readings }) => readings));
    expect(entries.at(-1)?.readings()).toBe(batches.at(-1)?.readings);
    expect(entries.at(-4)?.readings()).not.toBe(batches.at(-4)?.readings);
  });
});

describe('a directory', () => {
  test('cannot be opened twice', async () => {
    const directory = await temporaryDirectory();
    await open(directory);
    await expect(SegmentJournal.open(directory)).rejects.toMatchObject({ code: 'locked' });
  });

  test('is made, and can be opened again after an open that failed', async () => {
    const directory = `${await temporaryDirectory()}/a/b`;
    const disk = new FaultyDisk();
    disk.syncDirectory = () => Promise.reject(new Error('made by a test'));
    await expect(SegmentJournal.open(directory, { disk })).rejects.toThrow('made by a test');
    const journal = await open(directory);
    expect((await journal.append(sampleBatch(1))).first).toBe(1);
  });
});
