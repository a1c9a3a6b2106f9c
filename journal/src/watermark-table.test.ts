import { describe, expect, test } from 'vitest';
import { WatermarkTable } from './watermark-table.js';

const range = (device: string, boot = 'b', first = 1, last = first) => ({ device, boot, first, last });

describe('watermark table', () => {
  test('the boot that was written longest ago goes first', () => {
    const table = new WatermarkTable();
    for (const boot of ['b1', 'b2', 'b3', 'b4', 'b1', 'b5']) table.apply(range('d', boot));
    expect(table.of('d').map(({ boot }) => boot)).toEqual(['b3', 'b4', 'b1', 'b5']);
  });

  test('so do devices, when there are too many', () => {
    const table = new WatermarkTable(10);
    for (let at = 0; at < 10; at++) table.apply(range(`d${at}`));
    table.apply(range('d0', 'b', 2));
    table.apply(range('d10'));
    expect(table.entries().map(([device]) => device)).toEqual([
      'd2',
      'd3',
      'd4',
      'd5',
      'd6',
      'd7',
      'd8',
      'd9',
      'd0',
      'd10',
    ]);
    expect(table.of('d1')).toEqual([]);
    expect(table.of('d0')).toEqual([{ boot: 'b', high: 2, gaps: [] }]);
  });

  test('what was handed out does not change', () => {
    const table = new WatermarkTable();
    table.apply(range('d'));
    const marks = table.of('d');
    table.apply(range('d', 'b', 2));
    expect(marks).toEqual([{ boot: 'b', high: 1, gaps: [] }]);
  });
});
