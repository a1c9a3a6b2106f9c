import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TimedValues, telemetryBody } from './message-shape.js';

const readings = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.dictionary(
        fc.constantFrom('a', 'b', 'c'),
        fc.oneof(fc.double({ noNaN: true }), fc.boolean(), fc.string()),
        { noNullPrototype: true },
      ),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((list) => list.sort(([one], [two]) => one - two) as TimedValues[]);

test('columns hold exactly the readings that went in', () => {
  fc.assert(
    fc.property(readings, (all) => {
      const body = telemetryBody('columns', all);
      if (!('columns' in body)) throw new Error('columns expected');
      let time = body.t0;
      const back = body.dt.map((difference, row) => {
        time += difference;
        const values = Object.entries(body.columns).flatMap(([metric, column]) => {
          const value = column[row] ?? null;
          return value === null ? [] : [[metric, value] as const];
        });
        return [time, Object.fromEntries(values)];
      });
      expect(back).toEqual(all);
      for (const column of Object.values(body.columns)) expect(column).toHaveLength(all.length);
    }),
  );
});

test('rows and single readings', () => {
  const all: TimedValues[] = [
    [1_000, { a: 1 }],
    [2_000, { a: 2 }],
  ];
  expect(telemetryBody('rows', all)).toEqual({ rows: all });
  expect(telemetryBody('single', all.slice(0, 1))).toEqual({ time: 1_000, values: { a: 1 } });
  expect(() => telemetryBody('single', [])).toThrow(RangeError);
});
