/**
 * Run as a process of its own and killed: appends to the log in argv[2] without end, and prints the highest
 * message number after every append that was reported as synced.
 */
import { writeSync } from 'node:fs';
import { SegmentJournal } from '../segment-journal.js';
import { sampleBatch } from './sample-batch.js';

const BATCH = 20;
const AT_ONCE = 8;

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('usage: append-until-killed <directory>');

const journal = await SegmentJournal.open(directory, { segmentBytes: 100_000 });
journal.attach('history');
let next = 1 + (journal.watermarks('esp-7f3a')[0]?.high ?? 0);

async function appendForEver(): Promise<never> {
  for (;;) {
    const first = next;
    next += BATCH;
    await journal.append(sampleBatch(first, BATCH));
    // Synchronous: what the parent reads was true before the kill.
    writeSync(1, `${first + BATCH - 1}\n`);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, appendForEver));
