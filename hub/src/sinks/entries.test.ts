import { type Entry, packBatch, unpackBatch } from '@fieldline/journal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sliceEntries } from './entries.js';
import { series } from './sinks.fixture.js';

/** Entries of these lengths, one after another from offset 1; the value of a reading is its offset. */
function entriesOf(lengths: readonly number[]): Entry[] {
  let first = 1;
  return lengths.map((length) => {
    const readings = series('d', first, length);
    const entry = {
      first,
      last: first + length - 1,
      packed: packBatch({ readings, ranges: [] }),
      readings: () => readings,
    };
    first += length;
    return entry;
  });
}

test('a slice holds exactly the readings asked for, as objects and packed', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(lengths, fc.nat(80), fc.integer({ min: 1, max: 80 }), (list, after, count) => {
      const total = list.reduce((sum, length) => sum + length, 0);
      const slice = sliceEntries(entriesOf(list), after, count);
      const offsets = Array.from({ length: total }, (_, n) => n + 1);
      const expected = offsets.filter((offset) => offset > after && offset <= after + count);
      expect(slice.flatMap((entry) => entry.readings().map(({ values }) => values.n))).toEqual(expected);
      expect(slice.flatMap(({ packed }) => unpackBatch(packed).map(({ values }) => values.n))).toEqual(
        expected,
      );
      for (const { first, last, readings } of slice) expect(readings()).toHaveLength(last - first + 1);
    }),
  );
});

test('whole entries are passed on as they are', () => {
  const entries = entriesOf([3, 4, 5]);
  expect(sliceEntries(entries, 0, Number.POSITIVE_INFINITY)).toEqual(entries);
  expect(sliceEntries(entries, 1, Number.POSITIVE_INFINITY)[1]).toBe(entries[1]);
});
