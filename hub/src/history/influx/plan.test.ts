import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipped, type Ranges } from '../../sinks/influx/ranges.js';
import { UNIT_MS } from '../../sinks/influx/rollup-unit.js';
import { type PlanOptions, plan, type Stores } from './plan.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEVER = Number.POSITIVE_INFINITY;
const ALWAYS = Number.NEGATIVE_INFINITY;

interface Facts {
  readonly raw?: number;
  readonly minutes?: number;
  readonly hours?: number;
  readonly untrusted?: Ranges;
}

function stores({ raw = ALWAYS, minutes = ALWAYS, hours = ALWAYS, untrusted = [] }: Facts): Stores {
  return {
    rawSince: () => raw,
    rollupSince: (unit) => (unit === '1m' ? minutes : hours),
    untrusted: (_, __, within) => clipped(untrusted, within),
  };
}

function planned(facts: Facts, options: Partial<PlanOptions>) {
  const range = { from: 0, to: 10 * DAY };
  const segments = plan(stores(facts), { measurement: 'm', range, intervalMs: HOUR, ...options });
  return segments.map(({ from, to, store }) => [store, from, to]);
}

test.each<[string, Facts, Partial<PlanOptions>, ReturnType<typeof planned>]>([
  ['the coarsest rollup that fits', {}, {}, [['1h', 0, 10 * DAY]]],
  ['minutes, where hours do not fit', {}, { intervalMs: 30 * MINUTE }, [['1m', 0, 10 * DAY]]],
  ['raw, where no rollup fits', {}, { intervalMs: 30_000 }, [['raw', 0, 10 * DAY]]],
  ['raw, where there are no rollups', { minutes: NEVER, hours: NEVER }, {}, [['raw', 0, 10 * DAY]]],
  ['raw, where that is asked for', {}, { onlyRaw: true }, [['raw', 0, 10 * DAY]]],
  ['minutes of a day, since its hours are few', {}, { range: { from: 0, to: DAY } }, [['1m', 0, DAY]]],
  [
    'raw of half an hour',
    {},
    { range: { from: 0, to: HOUR / 2 }, intervalMs: MINUTE },
    [['raw', 0, HOUR / 2]],
  ],
  [
    'the ragged ends raw',
    {},
    { range: { from: 1, to: 5 * DAY + 1 } },
    [
      ['raw', 1, HOUR],
      ['1h', HOUR, 5 * DAY],
      ['raw', 5 * DAY, 5 * DAY + 1],
    ],
  ],
  [
    'raw what is not trusted',
    {
      untrusted: [
        { from: DAY, to: DAY + HOUR },
        { from: 9 * DAY, to: NEVER },
      ],
    },
    {},
    [
      ['1h', 0, DAY],
      ['raw', DAY, DAY + HOUR],
      ['1h', DAY + HOUR, 9 * DAY],
      ['raw', 9 * DAY, 10 * DAY],
    ],
  ],
  [
    'a rollup where raw has expired, though its rows are coarser',
    { raw: 5 * DAY },
    { intervalMs: 10_000 },
    [
      ['1m', 0, 5 * DAY],
      ['raw', 5 * DAY, 10 * DAY],
    ],
  ],
  [
    'hours where minutes have expired too',
    { raw: 8 * DAY, minutes: 4 * DAY },
    { intervalMs: MINUTE },
    [
      ['1h', 0, 4 * DAY],
      ['1m', 4 * DAY, 10 * DAY],
    ],
  ],
  [
    'expired readings from a rollup even where it waits for a repair',
    { raw: 5 * DAY, untrusted: [{ from: 0, to: 10 * DAY }] },
    {},
    [
      ['1h', 0, 5 * DAY],
      ['raw', 5 * DAY, 10 * DAY],
    ],
  ],
])('reads %s', (_, facts, options, expected) => {
  expect(planned(facts, options)).toEqual(expected);
});

test('covers the whole range, once, and trusts no row that it must not', () => {
  const ms = fc.integer({ min: 0, max: 4 * DAY });
  const hours = fc.array(fc.nat(96), { maxLength: 60 });
  const since = fc.constantFrom(ALWAYS, NEVER, DAY, 2 * DAY + 7 * MINUTE);
  const facts = fc.record({ raw: fc.constantFrom(ALWAYS, DAY, DAY + 1), minutes: since, hours: since });
  const interval = fc.constantFrom(1000, MINUTE, 5 * MINUTE, HOUR, DAY);
  fc.assert(
    fc.property(ms, ms, hours, facts, interval, (a, b, dirty, known, intervalMs) => {
      const range = { from: Math.min(a, b), to: Math.max(a, b) + 1 };
      const untrusted = [...new Set(dirty)]
        .sort((x, y) => x - y)
        .map((hour) => ({ from: hour * HOUR, to: hour * HOUR + HOUR }));
      const options = { measurement: 'm', range, intervalMs, leastRows: 1 };
      const segments = plan(stores({ ...known, untrusted }), options);
      let end = range.from;
      for (const { from, to, store } of segments) {
        expect(from).toBe(end);
        expect(to).toBeGreaterThan(from);
        end = to;
        if (store === 'raw' || from < Math.ceil(known.raw / HOUR) * HOUR) continue;
        expect(clipped(untrusted, { from, to })).toEqual([]);
        expect([from % UNIT_MS[store], to % UNIT_MS[store]]).toEqual([0, 0]);
      }
      expect(end).toBe(range.to);
    }),
  );
});
