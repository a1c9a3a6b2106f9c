import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SegmentJournalOptions } from './options.js';
import { SegmentJournal } from './segment-journal.js';
import { FaultyDisk, systemError } from './testing/faulty-disk.js';
import { readAll } from './testing/read-all.js';
import { sampleBatch, seqsOf } from './testing/sample-batch.js';
import { temporaryDirectory } from './testing/temporary-directory.js';

async function open(options: SegmentJournalOptions): Promise<SegmentJournal> {
  const journal = await SegmentJournal.open(await temporaryDirectory(), { maintenanceMs: 5, ...options });
  onTestFinished(() => journal.close());
  return journal;
}

/** Appends batches of ten readings until message number `last` is in. */
async function appendUpTo(journal: SegmentJournal, last: number): Promise<void> {
  while (journal.head < last) await journal.append(sampleBatch(journal.head + 1, 10));
}

describe('retention', () => {
  test('segments go once every reader has confirmed them, the last one never', async () => {
    const journal = await open({ segmentBytes: 2000 });
    journal.attach('fast');
    journal.attach('slow');
    await appendUpTo(journal, 300);
    journal.commit('fast', 300);
    journal.commit('slow', 150);
    const { segments } = journal.stats();
    await vi.waitFor(() => expect(journal.stats().segments).toBeLessThan(segments), 10_000);
    expect(seqsOf(await readAll(journal, 150))).toHaveLength(150);
    journal.retain(['fast']);
    await vi.waitFor(() => expect(journal.stats().segments).toBe(1), 10_000);
    expect((await journal.append(sampleBatch(301))).first).toBe(301);
  });

  test('while they are held segments stay, cost no reader anything, and are a log of their own', async () => {
    const journal = await open({ segmentBytes: 2000, maxBytes: 20_000 });
    journal.attach('history');
    journal.attach('capped', { bytes: 15_000, ageMs: 86_400_000 });
    await appendUpTo(journal, 100);
    const release = journal.hold();
    journal.commit('history', 100);
    for (let last = 110; last <= 1_000; last += 10) {
      await appendUpTo(journal, last);
      journal.commit('history', last);
    }
    expect(journal.stats()).toMatchObject({ trouble: null, skipped: { capped: 0 } });
    expect(journal.stats().bytes).toBeGreaterThan(20_000);
    const files = journal.files();
    const copies = await temporaryDirectory();
    await appendUpTo(journal, 1_100);
    for (const { path, sizeBytes } of files) {
      await writeFile(join(copies, basename(path)), (await readFile(path)).subarray(0, sizeBytes));
    }
    const copy = await SegmentJournal.open(copies);
    onTestFinished(() => copy.close());
    expect(copy.stats()).toMatchObject({ head: 1_000, damaged: 0, tornBytes: 0 });
    expect(seqsOf(await readAll(copy, 0))).toHaveLength(1_000);
    release();
    journal.commit('history', 1_100);
    journal.retain(['history']);
    await vi.waitFor(() => expect(journal.stats().segments).toBe(1), 10_000);
  });

  test('without readers only the last segment is kept', async () => {
    const journal = await open({ segmentBytes: 2000 });
    await appendUpTo(journal, 300);
    await vi.waitFor(() => expect(journal.stats().segments).toBe(1), 10_000);
  });

  test('a segment that somebody removed, or that cannot be removed now, stops nothing', async () => {
    const disk = new FaultyDisk();
    const { unlink } = disk;
    const journal = await open({ segmentBytes: 2000, disk });
    journal.attach('history');
    await appendUpTo(journal, 200);
    disk.unlink = async (path) => {
      disk.unlink = (other) => unlink(other).then(() => Promise.reject(systemError('ENOENT')));
      throw Object.assign(systemError('EBUSY'), { path });
    };
    journal.commit('history', 200);
    await vi.waitFor(() => expect(journal.stats().segments).toBe(1), 10_000);
  });

  test('a close waits for a segment that is being removed', async () => {
    const disk = new FaultyDisk();
    const { unlink } = disk;
    const journal = await open({ segmentBytes: 2000, disk });
    journal.attach('history');
    await appendUpTo(journal, 200);
    const events: string[] = [];
    let begun: () => void = () => undefined;
    const removing = new Promise<void>((resolve) => {
      begun = resolve;
    });
    disk.unlink = async (path) => {
      begun();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await unlink(path);
      events.push('removed');
    };
    journal.commit('history', 200);
    await removing;
    await journal.close();
    events.push('closed');
    expect(events[0]).toBe('removed');
  });

  test('at the size cap appends are refused, until readers have confirmed enough', async () => {
    const journal = await open({ maxBytes: 20_000 });
    journal.attach('history');
    await expect(appendUpTo(journal, 10_000)).rejects.toMatchObject({ code: 'journal_full' });
    const { head } = journal;
    expect(journal.stats()).toMatchObject({ trouble: 'journal_full', head });
    expect(journal.stats().bytes).toBeLessThan(24_000);
    await expect(journal.append(sampleBatch(1))).rejects.toMatchObject({ code: 'journal_full' });
    journal.commit('history', Math.floor(head / 2));
    await vi.waitFor(() => expect(journal.stats().trouble).toBeNull(), 10_000);
    expect((await journal.append(sampleBatch(head + 1))).first).toBe(head + 1);
  });

  test('a reader with a cap in bytes loses its oldest readings, counted, and blocks nobody', async () => {
    const journal = await open({ maxBytes: 40_000 });
    journal.attach('history');
    journal.attach('mqtt', { bytes: 10_000, ageMs: 1e9 });
    for (let last = 100; last <= 3000; last += 100) {
      await appendUpTo(journal, last);
      journal.commit('history', last);
    }
    await vi.waitFor(async () => {
      const cursor = journal.cursor('mqtt');
      expect(journal.stats().skipped).toEqual({ history: 0, mqtt: cursor });
      const rest = await readAll(journal, cursor);
      expect(rest[0]?.first).toBe(cursor + 1);
      expect(rest.reduce((sum, entry) => sum + entry.packed.length, 0)).toBeLessThanOrEqual(10_000);
      expect(rest.at(-1)?.last).toBe(3000);
    }, 10_000);
    expect(journal.stats().trouble).toBeNull();
  });

  test('a reader with a cap in time loses what is older', async () => {
    let now = 1_000_000;
    const journal = await open({ now: () => now, segmentBytes: 20_000 });
    journal.attach('mqtt', { bytes: 1e9, ageMs: 60_000 });
    for (let last = 100; last <= 1000; last += 100) {
      await appendUpTo(journal, last);
      now += 10_000;
    }
    await vi.waitFor(() => expect(journal.cursor('mqtt')).toBeGreaterThan(0), 10_000);
    // Written 70 s ago and more: up to 400. Blocks of 4 KiB hold some fifty readings.
    await vi.waitFor(() => expect(journal.cursor('mqtt')).toBeGreaterThanOrEqual(300), 10_000);
    expect(journal.cursor('mqtt')).toBeLessThanOrEqual(400);
    now += 120_000;
    await appendUpTo(journal, 1010);
    await vi.waitFor(() => expect(journal.cursor('mqtt')).toBeGreaterThan(900), 10_000);
  });

  test('at the size cap capped readers give way first', async () => {
    const journal = await open({ maxBytes: 40_000 });
    journal.attach('history');
    journal.attach('mqtt', { bytes: 1e9, ageMs: 1e9 });
    for (let last = 100; last <= 3000; last += 100) {
      await appendUpTo(journal, last);
      journal.commit('history', last);
    }
    await vi.waitFor(() => expect(journal.stats().bytes).toBeLessThan(46_000), 10_000);
    expect(journal.stats().skipped.mqtt).toBeGreaterThan(1000);
    expect(journal.cursor('history')).toBe(3000);
  });
});
