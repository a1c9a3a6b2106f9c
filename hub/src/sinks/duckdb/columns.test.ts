import { packBatch, type Reading, type Value } from '@fieldline/journal';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reading } from '../sinks.fixture.js';
import { type Columns, Unpacker } from './columns.js';
import { SeriesIndex } from './series.js';

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.string({ maxLength: 5 }),
);
const readings = fc.array(
  fc.record({
    device: fc.constantFrom('a', 'b', 'constructor'),
    boot: fc.constantFrom('x', 'y'),
    time: fc.integer({ min: 0, max: 2 ** 53 - 1 }),
    values: fc.dictionary(fc.constantFrom('m', 'n', 'toString', 'o'), value, { minKeys: 1 }),
  }),
  { maxLength: 30 },
);

/** The columns as rows, with names in place of the numbers of series. */
function rows(index: SeriesIndex, columns: Columns<Float64Array> | Columns<string[]>) {
  const times = new BigInt64Array(columns.time.buffer);
  return Array.from({ length: columns.count }, (_, at) => {
    const { device, metric, kind } = index.get(columns.series[at] ?? 0) ?? {};
    return [device, metric, kind, Number(times[at]), columns.value[at]];
  });
}

test('columns hold every value of the readings above the position, under the right series', () => {
  fc.assert(
    fc.property(fc.array(readings, { maxLength: 4 }), fc.nat(60), (batches, position) => {
      const index = new SeriesIndex();
      const unpacker = new Unpacker(index);
      let first = 1;
      const parts = batches.map((list) => {
        const part = list.map(({ device, time, values, boot }) => reading(device, time, values, { boot }));
        const packed = { first, packed: packBatch({ readings: part, ranges: [] }) };
        first += list.length;
        return { ...packed, part };
      });
      const wanted: Reading[] = parts.flatMap(({ part }) => part).slice(position);
      const flat = wanted.flatMap(({ device, time, values }) =>
        Object.entries(values).map(([metric, one]) => [device, metric, typeof one, time, one] as const),
      );
      const { points, texts, added } = unpacker.unpack(parts, position);
      const expected = (isText: boolean) =>
        flat
          .filter(([, , kind]) => (kind === 'string') === isText)
          .map(([device, metric, kind, time, one]) => [
            device,
            metric,
            kind,
            time,
            isText ? one : Number(one),
          ]);
      expect(rows(index, points)).toEqual(expected(false));
      expect(rows(index, texts)).toEqual(expected(true));
      expect(added).toEqual([...index.all()]);
      expect(unpacker.unpack(parts, position).added).toEqual([]);
    }),
  );
});

test('a device that sends its metrics in ever new combinations costs no ever growing memory', () => {
  const index = new SeriesIndex();
  const unpacker = new Unpacker(index);
  const list = Array.from({ length: 200 }, (_, n) =>
    reading(
      'd',
      n,
      Object.fromEntries(
        Array.from({ length: 8 }, (_bit, bit) => [`m${bit}`, n]).filter((_pair, bit) => (n >> bit) & 1),
      ),
    ),
  ).filter(({ values }) => Object.keys(values).length > 0);
  const { points } = unpacker.unpack([{ first: 1, packed: packBatch({ readings: list, ranges: [] }) }], 0);
  expect(points.count).toBe(list.reduce((sum, { values }) => sum + Object.keys(values).length, 0));
  expect([...index.all()]).toHaveLength(8);
});
