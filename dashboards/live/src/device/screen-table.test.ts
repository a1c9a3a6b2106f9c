import { expect, it } from 'vitest';
import { screenTable } from './screen-table.js';

const at = (seconds: number) => Date.UTC(2026, 0, 1) + seconds * 1_000;

it('has a row for each bucket, gap and change', () => {
  const text = screenTable([
    {
      kind: 'number',
      title: 'Air',
      unit: '°C',
      buckets: [
        { t: at(0), mean: 0.1 + 0.2, min: -1, max: 2, count: 3 },
        { t: at(30), mean: 5, min: 5, max: 5, count: 1 },
      ],
      gaps: [{ from: at(10), to: at(30) }],
    },
    {
      kind: 'state',
      title: 'Mode',
      segments: [
        { from: at(0), to: at(20), value: 'a\tb' },
        { from: at(20), to: at(30), value: undefined },
      ],
      word: String,
    },
  ]);
  expect(text.split('\n').map((line) => line.split('\t'))).toEqual([
    ['time', 'Air (°C) mean', 'lowest', 'highest', 'readings', 'Mode'],
    ['2026-01-01T00:00:00.000Z', '0.3', '-1', '2', '3', 'a b'],
    ['2026-01-01T00:00:10.000Z', '', '', '', '0', 'a b'],
    ['2026-01-01T00:00:20.000Z', '', '', '', '', 'not known'],
    ['2026-01-01T00:00:30.000Z', '5', '5', '5', '1', ''],
  ]);
});
