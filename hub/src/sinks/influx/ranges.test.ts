import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aligned, clipped, type Range, type Ranges, withoutRange, withRange } from './ranges.js';

const SPAN = 60;
const range = fc
  .tuple(fc.nat(SPAN), fc.nat(SPAN))
  .map(([a, b]): Range => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const change = fc.record({ range, adds: fc.boolean() });

function members(ranges: Ranges): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, step) => from + step));
}

function expectInOrder(ranges: Ranges): void {
  for (const [at, { from, to }] of ranges.entries()) {
    expect(from).toBeLessThan(to);
    if (at > 0) expect(ranges[at - 1]?.to).toBeLessThan(from);
  }
}

test('adding and removing ranges does what it does to a set of numbers', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), range, (changes, within) => {
      let ranges: Ranges = [];
      const numbers = new Set<number>();
      for (const { range, adds } of changes) {
        ranges = adds ? withRange(ranges, range, 1000) : withoutRange(ranges, range);
        for (const n of members([range])) adds ? numbers.add(n) : numbers.delete(n);
        expectInOrder(ranges);
      }
      expect(members(ranges)).toEqual([...numbers].sort((a, b) => a - b));
      const inside = members(ranges).filter((n) => n >= within.from && n < within.to);
      expect(members(clipped(ranges, within))).toEqual(inside);
    }),
  );
});

test('a list with a limit holds all that was added, in at most so many ranges', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), (added, limit) => {
      let ranges: Ranges = [];
      for (const one of added) ranges = withRange(ranges, one, limit);
      expect(ranges.length).toBeLessThanOrEqual(limit);
      expectInOrder(ranges);
      const held = new Set(members(ranges));
      for (const n of members(added)) expect(held.has(n)).toBe(true);
    }),
  );
});

test('the nearest ranges are merged first', () => {
  const ranges = [0, 100, 110, 300].reduce<Ranges>(
    (list, from) => withRange(list, { from, to: from + 1 }, 3),
    [],
  );
  expect(ranges).toEqual([
    { from: 0, to: 1 },
    { from: 100, to: 111 },
    { from: 300, to: 301 },
  ]);
});

test('a range is widened to whole units', () => {
  expect(aligned({ from: 61, to: 120 }, 60)).toEqual({ from: 60, to: 120 });
  expect(aligned({ from: 0, to: 1 }, 60)).toEqual({ from: 0, to: 60 });
});
