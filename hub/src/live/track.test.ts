import type { Reading, Value } from '@fieldline/journal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reading } from './live.fixture.js';
import { rowOf, Track } from './track.js';

type Row = readonly [device: string, timeMs: number, values: Record<string, Value>];

const metric = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.string({ unit: 'binary' }),
);
/** Few times, so that equal ones, rows of one millisecond and backfills are common; in microseconds. */
const timeUs = fc.integer({ min: 0, max: 12 }).map((step) => 1_000_000 + step * 500);
const aReading = fc
  .tuple(timeUs, fc.dictionary(metric, value, { minKeys: 1 }))
  .map(([time, values]): Reading => ({ ...reading('dev', 0, values), time }));
/** Commits, and after each whether the reader looks. */
const run = fc.array(fc.record({ readings: fc.array(aReading, { maxLength: 4 }), look: fc.boolean() }), {
  maxLength: 20,
});

describe('Track', () => {
  it('gives a reader what a plain model gives, however often it looks', () => {
    fc.assert(
      fc.property(run, fc.option(fc.constantFrom('a', 'b')), (commits, only) => {
        const covers = only === null ? null : (name: string) => name === only;
        const track = new Track('dev', []);
        const latest = new Map<string, { time: number; value: Value }>();
        let news = new Set<string>();
        let seen = 0;
        commits.forEach(({ readings, look }, index) => {
          for (const one of readings) {
            track.apply(one, index + 1);
            for (const [name, newValue] of Object.entries(one.values)) {
              if (one.time < (latest.get(name)?.time ?? 0)) continue;
              latest.set(name, { time: one.time, value: newValue });
              news.add(name);
            }
          }
          if (!look) return;
          const expected = new Map<number, Record<string, Value>>();
          for (const name of news) {
            const cell = latest.get(name);
            if (cell === undefined || (only !== null && name !== only)) continue;
            const ms = Math.floor(cell.time / 1_000);
            expected.set(ms, { ...expected.get(ms), [name]: normal(cell.value) });
          }
          const rows = track.rowsSince(seen, covers).map((text) => JSON.parse(text) as Row);
          expect(rows).toEqual(
            [...expected].sort(([a], [b]) => a - b).map(([ms, values]) => ['dev', ms, values]),
          );
          news = new Set();
          seen = index + 1;
        });
      }),
    );
  });

  it('tells whether a reading brought anything new', () => {
    const track = new Track('dev', [['a', { time: 5, value: 1 }]]);
    expect(track.apply(reading('dev', 4, { a: 0 }), 1)).toBe(false);
    expect(track.apply(reading('dev', 5, { a: 2 }), 2)).toBe(true);
    expect(track.apply(reading('dev', 4, { a: 0, b: 0 }), 3)).toBe(true);
    expect(track.rowsSince(0, null)).toEqual(['["dev",4,{"b":0}]', '["dev",5,{"a":2}]']);
  });

  it('does not repeat what was there before anybody looked', () => {
    const track = new Track('dev', [['a', { time: 5, value: 1 }]]);
    expect(track.rowsSince(0, null)).toEqual([]);
  });
});

describe('rowOf', () => {
  it('is JSON of the reading, metrics that are not wanted left out', () => {
    fc.assert(
      fc.property(aReading, (one) => {
        const row = rowOf(one, (name) => name !== 'b');
        const values = Object.entries(one.values).filter(([name]) => name !== 'b');
        if (values.length === 0) {
          expect(row).toBeUndefined();
        } else {
          const expected = Object.fromEntries(values.map(([name, plain]) => [name, normal(plain)]));
          expect(JSON.parse(row ?? '')).toEqual(['dev', Math.floor(one.time / 1_000), expected]);
        }
      }),
    );
  });
});

/** JSON has no negative zero. */
function normal(plain: Value): Value {
  return Object.is(plain, -0) ? 0 : plain;
}
