import { expect, onTestFinished, test } from 'vitest';
import { SegmentJournal } from './segment-journal.js';
import { unsyncedDisk } from './testing/faulty-disk.js';
import { temporaryDirectory } from './testing/temporary-directory.js';
import type { Batch, Reading } from './types.js';

const MiB = 1024 * 1024;
const BACKLOG_BYTES = 1024 * MiB;

/** About 4 MB packed: the readings are one object many times over, which packs like many. */
function largeBatch(): Batch {
  const text = 'x'.repeat(200);
  const values = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [`m${at}`, at === 0 ? text : at / 3]),
  );
  const one: Reading = { device: 'd', boot: 'b', seq: 1, time: 1, receivedAt: 1, values, flags: 0 };
  return { readings: new Array<Reading>(8000).fill(one), ranges: [] };
}

test('a backlog of a gigabyte is opened from its indexes, not by reading it', async () => {
  const directory = await temporaryDirectory();
  const batch = largeBatch();
  const writing = await SegmentJournal.open(directory, { disk: unsyncedDisk() });
  writing.attach('history');
  while (writing.stats().bytes < BACKLOG_BYTES) await writing.append(batch);
  await writing.append({ readings: [], ranges: [{ device: 'd', boot: 'b', first: 1, last: 9 }] });
  const { head, bytes } = writing.stats();
  await writing.close();

  const disk = unsyncedDisk();
  const { read } = disk;
  let readBytes = 0;
  disk.read = async (fd, into, position) => {
    const n = await read(fd, into, position);
    readBytes += n;
    return n;
  };
  const journal = await SegmentJournal.open(directory, { disk });
  onTestFinished(() => journal.close());
  expect(journal.stats()).toMatchObject({ head, bytes, damaged: 0, tornBytes: 0 });
  // The last segment, twice at most, and next to nothing of the others.
  expect(readBytes).toBeLessThan(2 * 64 * MiB + journal.stats().segments * MiB);
  expect(journal.watermarks('d')[0]?.high).toBe(9);
  const middle = Math.floor(head / 2);
  const [entry] = await journal.read(middle, 1);
  expect(entry?.first).toBeLessThanOrEqual(middle + 1);
  expect(entry?.last).toBeGreaterThan(middle);
  expect(entry?.readings()[0]).toEqual(batch.readings[0]);
}, 60_000);
