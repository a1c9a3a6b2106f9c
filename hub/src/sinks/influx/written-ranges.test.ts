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
  ranges.tell((...said) => told.push(said));
  expect(told).toEqual([
    [
      'a',
      [
        { fromUs: 4 * HOUR, toUs: 5 * HOUR + 20 },
        { fromUs: 100 * HOUR + 3, toUs: 100 * HOUR + 3 },
      ],
    ],
    ['b', [{ fromUs: 7, toUs: 7 }]],
  ]);
});

test('nothing is told of nothing', () => {
  new WrittenRanges().tell(() => expect.unreachable());
});
