import { copyFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SegmentJournalOptions } from './options.js';
import { packBatch } from './pack.js';
import { encodeRecord, RecordKind } from './record.js';
import { SegmentJournal } from './segment-journal.js';
import { systemError, unsyncedDisk } from './testing/faulty-disk.js';
import { readAll } from './testing/read-all.js';
import { sampleBatch, seqsOf } from './testing/sample-batch.js';
import { crashCopy, temporaryDirectory } from './testing/temporary-directory.js';
import type { Reading } from './types.js';

async function open(directory: string, options: SegmentJournalOptions = {}): Promise<SegmentJournal> {
  const journal = await SegmentJournal.open(directory, options);
  onTestFinished(() => journal.close());
  return journal;
}

/** A closed log of `batches` batches of one reading each; returns its directory and the size after each one. */
async function makeLog(batches: number, options: SegmentJournalOptions = {}) {
  const directory = await temporaryDirectory();
  const journal = await SegmentJournal.open(directory, options);
  journal.attach('history');
  // Takes the cursor to disk, so that from here on a batch is a record.
  await journal.append({ readings: [], ranges: [] });
  const sizes: number[] = [];
  for (let seq = 1; seq <= batches; seq++) {
    await journal.append(sampleBatch(seq));
    sizes.push(journal.stats().bytes);
  }
  await journal.close();
  return { directory, sizes, paths: await segmentsOf(directory) };
}

async function segmentsOf(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.seg')).sort();
  return names.map((name) => join(directory, name));
}

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

describe('a torn tail', () => {
  test('wherever it is cut, all records before it stay, and the log goes on', async () => {
    const { paths, sizes } = await makeLog(3);
    const [path] = paths;
    const whole = await readFile(path as string);
    const directory = await temporaryDirectory();
    const copy = join(directory, '00000001-0000000000000001.seg');
    for (let cut = 0; cut < whole.length; cut++) {
      await writeFile(copy, whole.subarray(0, cut));
      const journal = await SegmentJournal.open(directory, { disk: unsyncedDisk() });
      const kept = sizes.filter((size) => size <= cut).length;
      expect(seqsOf(await readAll(journal)), `cut at ${cut}`).toEqual(upTo(kept));
      expect(journal.watermarks('esp-7f3a')[0]?.high ?? 0).toBe(kept);
      expect(journal.stats().damaged).toBe(0);
      expect((await journal.append(sampleBatch(kept + 1))).first).toBe(kept + 1);
      expect(seqsOf(await readAll(journal))).toEqual(upTo(kept + 1));
      await journal.close();
      await Promise.all((await readdir(directory)).map((name) => rm(join(directory, name))));
    }
  });

  test('is counted, and gone after the open', async () => {
    const { directory, paths, sizes } = await makeLog(3);
    await truncate(paths[0] as string, (sizes[2] as number) - 5);
    const first = await SegmentJournal.open(directory);
    expect(first.stats().tornBytes).toBe((sizes[2] as number) - 5 - (sizes[1] as number));
    await first.close();
    expect((await open(directory)).stats().tornBytes).toBe(0);
  });

  test('of zeros, as a lost page leaves it, is cut off', async () => {
    const { directory, paths, sizes } = await makeLog(3);
    const path = paths[0] as string;
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes.fill(0, sizes[1]), Buffer.alloc(10_000)]));
    expect(seqsOf(await readAll(await open(directory)))).toEqual([1, 2]);
  });

  test('of a split append takes the whole append with it', async () => {
    const directory = await temporaryDirectory();
    const journal = await SegmentJournal.open(directory, { recordBytes: 1000 });
    journal.attach('history');
    await journal.append(sampleBatch(1));
    await journal.append(sampleBatch(2, 100));
    const { bytes } = journal.stats();
    await journal.close();
    const [path] = await segmentsOf(directory);
    await truncate(path as string, bytes - 1);
    const again = await open(directory);
    expect(seqsOf(await readAll(again))).toEqual([1]);
    expect(again.watermarks('esp-7f3a')[0]?.high).toBe(1);
    expect((await again.append(sampleBatch(2, 100))).first).toBe(2);
  });

  test('of a segment that was just begun leaves the one before it in use', async () => {
    const { directory, paths } = await makeLog(30, { segmentBytes: 2000 });
    const last = paths.at(-1) as string;
    const magics = [...(await readFile(last, 'latin1')).matchAll(/FLJ1/g)];
    const headBytes = magics[2]?.index ?? 0;
    expect(headBytes).toBeGreaterThan(200);
    for (let cut = 0; cut < headBytes; cut += 13) {
      const copy = await crashCopy(directory);
      const torn = join(copy, '00000099-0000000000000031.seg');
      await copyFile(last, torn);
      await truncate(torn, cut);
      const journal = await SegmentJournal.open(copy);
      expect(journal.watermarks('esp-7f3a')).toEqual([{ boot: '9c1e4b7a', high: 30, gaps: [] }]);
      expect(journal.cursor('history')).toBe(0);
      expect((await journal.append(sampleBatch(31))).first).toBe(31);
      expect(seqsOf(await readAll(journal))).toEqual(upTo(31));
      // With the older segments gone, the new one alone must know the watermarks.
      journal.commit('history', 31);
      await vi.waitFor(() => expect(journal.stats().segments).toBe(1), 10_000);
      await journal.close();
      const again = await SegmentJournal.open(copy);
      expect(again.watermarks('esp-7f3a')).toEqual([{ boot: '9c1e4b7a', high: 31, gaps: [] }]);
      await again.close();
    }
  });
});

async function openFlipped(directory: string, path: string, whole: Buffer, at: number, bit: number) {
  const flipped = Buffer.from(whole);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
  await writeFile(path, flipped);
  return SegmentJournal.open(directory, { segmentBytes: 1400, disk: unsyncedDisk() });
}

async function expectOneLost(journal: SegmentJournal, batches: number): Promise<void> {
  const seqs = seqsOf(await readAll(journal));
  expect(seqs.length).toBeGreaterThanOrEqual(batches - 1);
  expect(seqs).toEqual(upTo(batches).filter((seq) => seqs.includes(seq)));
  const { head } = journal;
  expect(head).toBeGreaterThanOrEqual(batches - 1);
  expect((await journal.append(sampleBatch(batches + 1))).first).toBe(head + 1);
}

test('what a killed process has left is synced before anything builds on it', async () => {
  const { directory } = await makeLog(2);
  const disk = unsyncedDisk();
  let synced = 0;
  disk.fdatasync = async () => {
    synced++;
  };
  const journal = await SegmentJournal.open(directory, { disk });
  expect(synced).toBe(1);
  await journal.close();
  disk.fdatasync = () => Promise.reject(systemError('EIO'));
  await expect(SegmentJournal.open(directory, { disk })).rejects.toMatchObject({ code: 'EIO' });
  // The lock is free again.
  await (await SegmentJournal.open(directory)).close();
});

describe('damage', () => {
  test('a flipped bit at any byte of a segment costs one batch at most', async () => {
    const { directory, paths } = await makeLog(3);
    const path = paths[0] as string;
    const whole = await readFile(path);
    for (let at = 0; at < whole.length; at++) {
      const journal = await openFlipped(directory, path, whole, at, at % 8);
      await expectOneLost(journal, 3);
      await journal.close();
      await Promise.all((await segmentsOf(directory)).map((made) => rm(made)));
    }
  });

  test('a flipped bit anywhere in a log of several segments costs one batch at most', async () => {
    const { directory, paths } = await makeLog(12, { segmentBytes: 1400 });
    const wholes = await Promise.all(paths.map((path) => readFile(path)));
    const place = fc.record({ segment: fc.nat(paths.length - 1), at: fc.nat(), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(place, async ({ segment, at, bit }) => {
        const copy = await crashCopy(directory);
        const whole = wholes[segment] as Buffer;
        const path = (await segmentsOf(copy))[segment] as string;
        const journal = await openFlipped(copy, path, whole, at % whole.length, bit);
        await expectOneLost(journal, 12);
        await journal.close();
      }),
      { numRuns: 150 },
    );
  });

  test('in the middle of the last segment is stepped over and counted, and its numbers are gaps', async () => {
    const { directory, paths, sizes } = await makeLog(5);
    const path = paths[0] as string;
    const bytes = await readFile(path);
    bytes.fill(0xff, (sizes[1] as number) + 50, sizes[2]);
    await writeFile(path, bytes);
    const journal = await open(directory);
    expect(journal.stats()).toMatchObject({ damaged: 1, tornBytes: 0, head: 5 });
    expect(seqsOf(await readAll(journal))).toEqual([1, 2, 4, 5]);
    expect(journal.stats().damaged).toBe(1);
    // The device may send it again: it is a late one, no duplicate.
    expect(journal.watermarks('esp-7f3a')[0]?.gaps).toEqual([[3, 3]]);
  });

  test('that comes after the open is found by the read', async () => {
    const { directory, paths, sizes } = await makeLog(5);
    const journal = await open(directory);
    const path = paths[0] as string;
    const bytes = await readFile(path);
    bytes.fill(0xff, (sizes[1] as number) + 50, sizes[2]);
    await writeFile(path, bytes);
    for (let round = 0; round < 2; round++) {
      expect(seqsOf(await readAll(journal))).toEqual([1, 2, 4, 5]);
      expect(journal.stats().damaged).toBe(1);
    }
  });

  test('of all that a reader asked for does not keep it from what is in memory', async () => {
    const { directory, paths, sizes } = await makeLog(3);
    const journal = await open(directory);
    await journal.append(sampleBatch(4));
    const path = paths[0] as string;
    const bytes = await readFile(path);
    bytes.fill(0, 0, sizes[2]);
    await writeFile(path, bytes);
    expect(seqsOf(await journal.read(0, 100))).toEqual([4]);
  });

  test('a record that a device planted in its values is not taken for one', async () => {
    const { directory, paths } = await makeLog(1);
    const journal = await SegmentJournal.open(directory);
    const head = { kind: RecordKind.batch, more: false, count: 1, first: 2, time: 0 };
    const fakes = Array.from({ length: 8 }, (_, pad) =>
      encodeRecord(1234, head, packBatch(sampleBatch(666, 1, 'd'.repeat(pad + 1)))),
    );
    const fake = fakes.find(({ length }) => length % 8 === 0) as Buffer;
    const values = Object.fromEntries(
      Array.from({ length: fake.length / 8 }, (_, at) => [`m${at}`, fake.readDoubleLE(at * 8)]),
    );
    const reading = { ...(sampleBatch(2).readings[0] as Reading), values };
    await journal.append({ readings: [reading], ranges: [] });
    const { bytes: end } = journal.stats();
    await journal.append(sampleBatch(3));
    await journal.close();
    const path = paths[0] as string;
    const bytes = await readFile(path);
    expect(bytes.includes(fake)).toBe(true);
    bytes[end - 1] = 0xff;
    await writeFile(path, bytes);
    const again = await open(directory);
    expect(seqsOf(await readAll(again))).toEqual([1, 3]);
    expect(again.stats().damaged).toBe(1);
  });

  test('a lost segment leaves a hole in the offsets, and is counted', async () => {
    const { directory, paths } = await makeLog(30, { segmentBytes: 1400 });
    const [, second] = paths;
    await rm(second as string);
    const warnings: string[] = [];
    const journal = await open(directory, { warn: (message) => warnings.push(message) });
    const seqs = seqsOf(await readAll(journal));
    expect(seqs[0]).toBe(1);
    expect(seqs.at(-1)).toBe(30);
    expect(seqs.length).toBeLessThan(30);
    expect(journal.stats().damaged).toBe(1);
    expect(warnings.join()).toContain('missing');
  });

  test('a lost last segment does not give its offsets out again to readers that had them', async () => {
    const { directory } = await makeLog(30, { segmentBytes: 1400 });
    const journal = await SegmentJournal.open(directory);
    await journal.append(sampleBatch(31));
    journal.commit('history', 31);
    await journal.close();
    const path = (await segmentsOf(directory)).at(-1) as string;
    const bytes = await readFile(path);
    // All but its last record, the cursors, is destroyed.
    await writeFile(path, bytes.fill(0, 0, bytes.lastIndexOf('FLJ1')));
    const again = await open(directory);
    expect((await again.append(sampleBatch(32))).first).toBe(32);
  });

  test('a segment in which nothing can be read is set aside', async () => {
    const { directory, paths } = await makeLog(30, { segmentBytes: 1400 });
    const path = paths[1] as string;
    await writeFile(path, Buffer.alloc(5000, 'not a segment'));
    const journal = await open(directory);
    expect(seqsOf(await readAll(journal)).at(-1)).toBe(30);
    expect(await readdir(directory)).toContain(`${path.slice(directory.length + 1)}.damaged`);
  });

  test('a lost index costs a scan, not a batch', async () => {
    const { directory, paths } = await makeLog(30, { segmentBytes: 1400 });
    for (const path of paths.slice(0, -1)) await truncate(path, (await stat(path)).size - 16);
    const journal = await open(directory);
    expect(journal.head).toBe(30);
    expect(seqsOf(await readAll(journal))).toEqual(upTo(30));
  });
});

describe('files that are not this log', () => {
  test('a newer format is refused, with what to do', async () => {
    const directory = await temporaryDirectory();
    const header = { format: 2, journal: 'x', segment: 1, first: 1 };
    const head = { kind: RecordKind.segment, more: false, count: 0, first: 1, time: 0 };
    const record = encodeRecord(7, head, Buffer.from(JSON.stringify(header)));
    await writeFile(join(directory, '00000001-0000000000000001.seg'), record);
    await expect(SegmentJournal.open(directory)).rejects.toMatchObject({
      code: 'unsupported_format',
      message: expect.stringContaining('format 2'),
    });
  });

  test('segments of two logs are refused', async () => {
    const { directory } = await makeLog(2);
    const other = await makeLog(2);
    await copyFile(other.paths[0] as string, join(directory, '00000002-0000000000000003.seg'));
    await expect(SegmentJournal.open(directory)).rejects.toMatchObject({ code: 'unsupported_format' });
  });

  test('other names are left alone, with a warning', async () => {
    const { directory } = await makeLog(2);
    await writeFile(join(directory, 'notes.txt'), 'mine');
    await mkdir(join(directory, '1.seg'));
    const warnings: string[] = [];
    const journal = await open(directory, { warn: (message) => warnings.push(message) });
    expect(journal.head).toBe(2);
    expect(warnings).toHaveLength(2);
    expect(await readFile(join(directory, 'notes.txt'), 'utf8')).toBe('mine');
  });
});
