import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packBatch } from './pack.js';
import { FreshEntry, Tail } from './tail.js';
import { sampleBatch, seqsOf } from './testing/sample-batch.js';
import type { Reading } from './types.js';

function entryOf(first: number, count: number): FreshEntry {
  const batch = sampleBatch(first, count);
  const entry = new FreshEntry(first, packBatch(batch), batch.readings, first);
  objects.set(entry, batch.readings);
  return entry;
}

/** The readings with which each entry was made. */
const objects = new WeakMap<FreshEntry, readonly Reading[]>();

/** Readings that are still held as objects. */
function objectsIn(entries: readonly FreshEntry[]): number {
  return entries.reduce(
    (sum, each) => sum + (each.readings() === objects.get(each) ? each.readings().length : 0),
    0,
  );
}

describe('tail', () => {
  test('holds the newest entries without holes, within its limits', () => {
    const step = fc.oneof(
      fc.record({ push: fc.nat(9) }),
      fc.record({ confirm: fc.double({ min: 0, max: 1, noNaN: true }) }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }),
        fc.nat(12),
        (steps, maxReadings) => {
          const tail = new Tail({ bytes: 30_000, readings: 40 });
          let all: FreshEntry[] = [];
          let next = 1;
          for (const each of steps) {
            if ('push' in each) {
              const entry = entryOf(next, each.push);
              next += each.push;
              if (each.push > 0) all.push(entry);
              tail.push(entry);
            } else {
              const confirmed = Math.floor(next * each.confirm);
              all = all.filter(({ last }) => last > confirmed);
              tail.confirmed(confirmed);
            }
            const kept = all.filter(({ first }) => first >= tail.first);
            expect(kept.reduce((sum, { packed }) => sum + packed.length, 0)).toBeLessThanOrEqual(30_000);
            expect(objectsIn(kept.slice(0, -1))).toBeLessThanOrEqual(40);
            if (kept.length === 0) continue;
            const after = kept[Math.floor(kept.length / 2)]?.first ?? 0;
            const expected = kept.filter(({ last }) => last > after);
            const read = tail.read(after, maxReadings) ?? [];
            expect(read).toEqual(expected.slice(0, read.length));
            expect(read.length > 0 || expected.length === 0).toBe(true);
            expect(seqsOf(read.slice(0, -1)).length).toBeLessThanOrEqual(Math.max(9, maxReadings));
            expect(tail.timeOf(after)).toBe(after);
          }
        },
      ),
    );
  });

  test('tells when an offset is older than what it holds', () => {
    const tail = new Tail({ bytes: 1e6, readings: 10 });
    expect(tail.read(0, 10)).toBeUndefined();
    tail.push(entryOf(5, 2));
    expect(tail.read(3, 10)).toBeUndefined();
    expect(tail.timeOf(4)).toBeUndefined();
    expect(tail.read(4, 10)).toHaveLength(1);
  });

  test('does not let go of the objects of the newest entry', () => {
    const tail = new Tail({ bytes: 1e6, readings: 0 });
    const entries = [entryOf(1, 2), entryOf(3, 2)];
    const made = entries.map((entry) => entry.readings());
    for (const entry of entries) tail.push(entry);
    expect(entries[0]?.readings()).not.toBe(made[0]);
    expect(entries[0]?.readings()).toEqual(made[0]);
    expect(entries[1]?.readings()).toBe(made[1]);
  });
});
