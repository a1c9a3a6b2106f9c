import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SegmentJournal } from './segment-journal.js';
import { type FaultyDisk, systemError, unsyncedDisk } from './testing/faulty-disk.js';
import { readAll } from './testing/read-all.js';
import { sampleBatch, seqsOf } from './testing/sample-batch.js';
import { crashCopy, temporaryDirectory } from './testing/temporary-directory.js';
import type { Watermark } from './types.js';
import { applyRange, emptyWatermark } from './watermark.js';

/** What the log must hold: message numbers by offset, all of them acknowledged. */
class Model {
  /** Acknowledged numbers in the order of their offsets, from offset 1. */
  readonly seqs: number[] = [];
  mark: Watermark = emptyWatermark('9c1e4b7a');
  cursor = 0;
  nextSeq = 1;

  received(first: number, count: number): void {
    this.nextSeq = first + count;
    for (let seq = first; seq < this.nextSeq; seq++) this.seqs.push(seq);
    this.mark = applyRange(this.mark, first, this.nextSeq - 1);
  }
}

interface Real {
  directory: string;
  disk: FaultyDisk;
  journal: SegmentJournal;
}

const OPTIONS = { segmentBytes: 1500, tailBytes: 2000, tailReadings: 10, recordBytes: 1200 };

async function openIn(directory: string): Promise<Real> {
  const disk = unsyncedDisk();
  const journal = await SegmentJournal.open(directory, { ...OPTIONS, disk });
  journal.attach('history');
  return { directory, disk, journal };
}

async function check(model: Model, { journal }: Real): Promise<void> {
  expect(journal.head).toBe(model.seqs.length);
  expect(journal.watermarks('esp-7f3a')).toEqual(model.seqs.length === 0 ? [] : [model.mark]);
  expect(journal.stats().damaged).toBe(0);
  const cursor = journal.cursor('history');
  const entries = await readAll(journal, cursor, 70);
  const from = (entries[0]?.first ?? cursor + 1) - 1;
  expect(from).toBeLessThanOrEqual(cursor);
  expect(seqsOf(entries)).toEqual(model.seqs.slice(from));
}

type Step = fc.AsyncCommand<Model, Real>;

/** Appends of several sizes at once; `skip` numbers are left out before each, as gaps. */
class AppendStep implements Step {
  constructor(readonly sizes: readonly { count: number; skip: number }[]) {}
  check = () => true;
  toString = () => `append(${JSON.stringify(this.sizes)})`;
  async run(model: Model, real: Real): Promise<void> {
    const appends = this.sizes.map(({ count, skip }) => {
      const first = model.nextSeq + skip;
      model.received(first, count);
      return real.journal.append(sampleBatch(first, count));
    });
    await Promise.all(appends);
    await check(model, real);
  }
}

/** The disk refuses the next write or sync: nothing of it may be seen afterwards. */
class FailStep implements Step {
  constructor(readonly operation: 'write' | 'fdatasync') {}
  check = () => true;
  toString = () => `fail(${this.operation})`;
  async run(model: Model, real: Real): Promise<void> {
    const { disk, journal } = real;
    const well = disk[this.operation];
    disk[this.operation] = async () => {
      Object.assign(disk, { [this.operation]: well });
      throw systemError('EIO');
    };
    const refused = await Promise.allSettled([journal.append(sampleBatch(model.nextSeq, 3))]);
    expect(refused[0]?.status).toBe('rejected');
    await check(model, real);
  }
}

class CommitStep implements Step {
  constructor(readonly share: number) {}
  check = () => true;
  toString = () => `commit(${this.share})`;
  async run(model: Model, { journal }: Real): Promise<void> {
    const offset = Math.floor(model.seqs.length * this.share);
    journal.commit('history', offset);
    model.cursor = Math.max(model.cursor, offset);
    expect(journal.cursor('history')).toBe(model.cursor);
  }
}

class ReopenStep implements Step {
  check = () => true;
  toString = () => 'reopen';
  async run(model: Model, real: Real): Promise<void> {
    await real.journal.close();
    Object.assign(real, await openIn(real.directory));
    expect(real.journal.cursor('history')).toBe(model.cursor);
    await check(model, real);
  }
}

/** A crash during an append: of it, only the first `bytes` reached the disk. Cursors may fall back. */
class CrashStep implements Step {
  constructor(readonly bytes: number) {}
  check = () => true;
  toString = () => `crash(${this.bytes})`;
  async run(model: Model, real: Real): Promise<void> {
    const before = await newestSegment(real.directory);
    await real.journal.append(sampleBatch(model.nextSeq, 5));
    const copy = await crashCopy(real.directory);
    const after = await newestSegment(copy);
    // A new segment is begun by a sync of its own; only what was appended to it can be torn.
    const keep = before.name === after.name ? before.sizeBytes + this.bytes : 0;
    if (keep > 0 && keep < after.sizeBytes) await truncate(join(copy, after.name), keep);
    await real.journal.close();
    Object.assign(real, await openIn(copy));
    // All or nothing of the append is there. It was not acknowledged: either is right.
    if (real.journal.head > model.seqs.length) model.received(model.nextSeq, 5);
    expect(real.journal.cursor('history')).toBeLessThanOrEqual(model.cursor);
    model.cursor = real.journal.cursor('history');
    await check(model, real);
  }
}

async function newestSegment(directory: string): Promise<{ name: string; sizeBytes: number }> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.seg')).sort();
  const name = names.at(-1) ?? '';
  return { name, sizeBytes: (await stat(join(directory, name))).size };
}

test('whatever happens to it, the log holds exactly what it acknowledged', async () => {
  const size = fc.record({ count: fc.integer({ min: 1, max: 30 }), skip: fc.nat(2) });
  const steps = [
    fc.array(size, { minLength: 1, maxLength: 6 }).map((sizes) => new AppendStep(sizes)),
    fc.constantFrom(new FailStep('write'), new FailStep('fdatasync')),
    fc.double({ min: 0, max: 1, noNaN: true }).map((share) => new CommitStep(share)),
    fc.constant(new ReopenStep()),
    fc.nat(1500).map((bytes) => new CrashStep(bytes)),
  ];
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 15 }), async (commands) => {
      const real = await openIn(await temporaryDirectory());
      try {
        await fc.asyncModelRun(() => ({ model: new Model(), real }), commands);
      } finally {
        await real.journal.close();
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);
