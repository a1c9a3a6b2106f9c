import { expect, test } from 'vitest';
import { WrittenRanges } from './written-ranges.js';

const HOUR = 3_600_000_000;

test('times are told by measurement, and apart where hours lie between them', () => {
  const ranges = new WrittenRanges();
  for (const time of [5 * HOUR + 10, 5 * HOUR + 1, 4 * HOUR, 100 * HOUR + 3, 100 * HOUR + 3])
    ranges.add('a', time);
  ranges.add('b', 7);
  ranges.add('a', 5 * HOUR + 20);
  const told: unknown[] = [];
  ranges.tell((...range) => told.push(range));
  expect(told).toEqual([
    ['a', 4 * HOUR, 5 * HOUR + 20],
    ['a', 100 * HOUR + 3, 100 * HOUR + 3],
    ['b', 7, 7],
  ]);
});

test('nothing is told of nothing', () => {
  new WrittenRanges().tell(() => expect.unreachable());
});
