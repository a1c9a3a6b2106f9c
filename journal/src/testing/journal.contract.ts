import { describe, expect, onTestFinished, test } from 'vitest';
import type { Entry, Journal } from '../types.js';
import { readAll } from './read-all.js';
import { sampleBatch, seqsOf } from './sample-batch.js';

/** Where the logs of one test live. */
export interface JournalPlace {
  /** Opens the log, or opens it again after `close`. */
  open(): Promise<Journal>;
}

/**
 * What every journal promises, wherever it keeps its data.
 * @param makePlace makes an empty place for one test
 */
export function journalContract(name: string, makePlace: () => Promise<JournalPlace>): void {
  async function openNew(): Promise<{ place: JournalPlace; journal: Journal }> {
    const place = await makePlace();
    return { place, journal: await openIn(place) };
  }

  async function openIn(place: JournalPlace): Promise<Journal> {
    const journal = await place.open();
    onTestFinished(() => journal.close());
    return journal;
  }

  describe(`journal contract: ${name}`, () => {
    test('an empty log has head 0 and nothing to read', async () => {
      const { journal } = await openNew();
      expect(journal.head).toBe(0);
      expect(await journal.read(0, 10)).toEqual([]);
      expect(journal.stats()).toMatchObject({ head: 0, damaged: 0, tornBytes: 0, trouble: null });
    });

    test('readings are numbered from 1 without holes, in the order of the calls', async () => {
      const { journal } = await openNew();
      const entries = await Promise.all(
        [3, 1, 2].map((count, at) => journal.append(sampleBatch(at * 10 + 1, count))),
      );
      expect(entries.map(({ first, last }) => [first, last])).toEqual([
        [1, 3],
        [4, 4],
        [5, 6],
      ]);
      expect(journal.head).toBe(6);
    });

    test('appends resolve in the order of the calls', async () => {
      const { journal } = await openNew();
      const resolved: number[] = [];
      const appends = Array.from({ length: 50 }, (_, at) =>
        journal.append(sampleBatch(at + 1)).then(({ first }) => resolved.push(first)),
      );
      await Promise.all(appends);
      expect(resolved).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
    });

    test('gives the readings back as they were, from memory and after a restart', async () => {
      const { place, journal } = await openNew();
      const batch = sampleBatch(1, 5);
      await journal.append(batch);
      expect((await readAll(journal)).flatMap((entry) => entry.readings())).toEqual(batch.readings);
      await journal.close();
      const again = await openIn(place);
      expect((await readAll(again)).flatMap((entry) => entry.readings())).toEqual(batch.readings);
      expect(again.id).toBe(journal.id);
      expect(again.head).toBe(5);
    });

    test('an append after a restart follows what was there', async () => {
      const { place, journal } = await openNew();
      journal.attach('history');
      await journal.append(sampleBatch(1, 4));
      await journal.close();
      const again = await openIn(place);
      expect((await again.append(sampleBatch(5))).first).toBe(5);
      expect(seqsOf(await readAll(again))).toEqual([1, 2, 3, 4, 5]);
    });

    test('reads from any offset; an entry that begins before it comes whole', async () => {
      const { journal } = await openNew();
      journal.attach('history');
      for (let seq = 1; seq <= 30; seq += 3) await journal.append(sampleBatch(seq, 3));
      expect((await journal.read(4, 100))[0]).toMatchObject({ first: 4, last: 6 });
      expect((await journal.read(6, 100))[0]).toMatchObject({ first: 7, last: 9 });
      expect(await journal.read(30, 100)).toEqual([]);
    });

    test('a read ends at the limit, but gives at least one entry', async () => {
      const { journal } = await openNew();
      journal.attach('history');
      for (let seq = 1; seq <= 30; seq += 3) await journal.append(sampleBatch(seq, 3));
      expect(await journal.read(0, 1)).toHaveLength(1);
      expect(await journal.read(0, 7)).toHaveLength(2);
    });

    test('a batch without readings keeps its numbers', async () => {
      const { place, journal } = await openNew();
      const range = { device: 'd', boot: 'b', first: 1, last: 7 };
      expect(await journal.append({ readings: [], ranges: [range] })).toMatchObject({ first: 1, last: 0 });
      await journal.close();
      const again = await openIn(place);
      expect(again.watermarks('d')).toEqual([{ boot: 'b', high: 7, gaps: [] }]);
      expect(again.head).toBe(0);
    });

    test('watermarks stand after the append, and after a restart', async () => {
      const { place, journal } = await openNew();
      expect(journal.watermarks('d')).toEqual([]);
      await journal.append(sampleBatch(3, 2, 'd', 'b1'));
      await journal.append(sampleBatch(8, 1, 'd', 'b1'));
      const expected = [
        {
          boot: 'b1',
          high: 8,
          gaps: [
            [1, 2],
            [5, 7],
          ],
        },
      ];
      expect(journal.watermarks('d')).toEqual(expected);
      await journal.close();
      expect((await openIn(place)).watermarks('d')).toEqual(expected);
    });

    test('the last four boots of a device are kept, oldest first', async () => {
      const { place, journal } = await openNew();
      for (const boot of ['b1', 'b2', 'b3', 'b4', 'b5']) await journal.append(sampleBatch(1, 1, 'd', boot));
      await journal.close();
      const boots = (await openIn(place)).watermarks('d').map(({ boot }) => boot);
      expect(boots).toEqual(['b2', 'b3', 'b4', 'b5']);
    });

    test('wakes its listeners once per append, in order, whatever one of them does', async () => {
      const { journal } = await openNew();
      const woken: Entry[] = [];
      journal.onAppend(() => {
        throw new Error('made by a test');
      });
      const stop = journal.onAppend((entry) => woken.push(entry));
      const entries = await Promise.all([1, 2, 3].map((seq) => journal.append(sampleBatch(seq))));
      expect(woken).toEqual(entries);
      stop();
      await journal.append(sampleBatch(4));
      expect(woken).toHaveLength(3);
    });

    test('a new reader starts at the head, a known one where it was', async () => {
      const { place, journal } = await openNew();
      expect(journal.attach('early')).toBe(0);
      await journal.append(sampleBatch(1, 10));
      expect(journal.attach('late')).toBe(10);
      journal.commit('early', 4);
      await journal.close();
      const again = await openIn(place);
      expect(again.attach('early')).toBe(4);
      expect(again.attach('late')).toBe(10);
    });

    test('a cursor never goes back, nor ahead of the head', async () => {
      const { journal } = await openNew();
      journal.attach('history');
      await journal.append(sampleBatch(1, 10));
      journal.commit('history', 6);
      journal.commit('history', 3);
      expect(journal.cursor('history')).toBe(6);
      journal.commit('history', 99);
      expect(journal.cursor('history')).toBe(10);
      expect(journal.attach('history')).toBe(10);
    });

    test('readers that are not retained are forgotten', async () => {
      const { place, journal } = await openNew();
      journal.attach('history');
      journal.attach('removed');
      await journal.append(sampleBatch(1, 10));
      journal.retain(['history']);
      expect(() => journal.cursor('removed')).toThrow(expect.objectContaining({ code: 'unknown_reader' }));
      await journal.close();
      const again = await openIn(place);
      expect(again.attach('removed')).toBe(10);
      expect(again.attach('history')).toBe(0);
    });

    test('tells how far each reader is behind', async () => {
      const { journal } = await openNew();
      journal.attach('history');
      const before = Date.now();
      await journal.append(sampleBatch(1, 2));
      await journal.append(sampleBatch(3, 2));
      expect(journal.stats().oldest.history).toBeGreaterThanOrEqual(before);
      journal.commit('history', 4);
      expect(journal.stats().oldest).toEqual({ history: null });
    });

    test('closing finishes what is under way; then it refuses', async () => {
      const { place, journal } = await openNew();
      const appends = Array.from({ length: 20 }, (_, at) => journal.append(sampleBatch(at + 1)));
      await journal.close();
      await Promise.all(appends);
      await expect(journal.append(sampleBatch(21))).rejects.toMatchObject({ code: 'closed' });
      await expect(journal.read(0, 1)).rejects.toMatchObject({ code: 'closed' });
      await journal.close();
      expect((await openIn(place)).head).toBe(20);
    });
  });
}
