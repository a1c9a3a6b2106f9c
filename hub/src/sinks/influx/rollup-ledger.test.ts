import { expect, test } from 'vitest';
import type { RollupRecord } from '../../state/influx-rollups.js';
import { RollupLedger } from './rollup-ledger.js';

const MINUTE = 60_000;

function open() {
  const kept = new Map<string, RollupRecord>();
  let writes = 0;
  const ledger = new RollupLedger({
    all: () => [...kept.values()],
    put: (record) => {
      writes++;
      kept.set(`${record.unit} ${record.measurement}`, record);
    },
    clear: () => kept.clear(),
  });
  ledger.open();
  ledger.begin('m', '1m', 60 * MINUTE, []);
  return { ledger, kept, writes: () => writes };
}

const all = { from: 0, to: 100 * MINUTE };
const tail = { from: 60 * MINUTE, to: 100 * MINUTE };

test('what is written behind the end costs nothing, and is not trusted', () => {
  const { ledger, writes } = open();
  const before = writes();
  ledger.written('m', [{ fromUs: 70 * MINUTE * 1000, toUs: 80 * MINUTE * 1000 }]);
  expect(writes()).toBe(before);
  expect(ledger.untrusted('m', '1m', all)).toEqual([tail]);
});

test('what is written before the end is a repair, durable at once, and kept once', () => {
  const { ledger, kept, writes } = open();
  ledger.written('m', [{ fromUs: 5 * MINUTE * 1000, toUs: 5 * MINUTE * 1000 }]);
  const range = { from: 5 * MINUTE, to: 6 * MINUTE };
  expect(kept.get('1m m')?.repairs).toEqual([range]);
  expect(ledger.untrusted('m', '1m', all)).toEqual([range, tail]);
  const before = writes();
  ledger.written('m', [{ fromUs: 5 * MINUTE * 1000 + 7, toUs: 5 * MINUTE * 1000 + 9 }]);
  expect(writes()).toBe(before);
});

test('thousands of ranges that are late are made durable at once, and as few', () => {
  const { ledger, kept, writes } = open();
  const before = writes();
  const ranges = Array.from({ length: 5_000 }, (_, n) => ({ fromUs: n * 7_000_000, toUs: n * 7_000_000 }));
  ledger.written('m', ranges);
  expect(writes()).toBe(before + 1);
  expect(kept.get('1m m')?.repairs).toEqual([{ from: 0, to: 60 * MINUTE }]);
  ledger.written('m', ranges);
  expect(writes()).toBe(before + 1);
});

test('a reading in the last microsecond of a row belongs to that row', () => {
  const { ledger } = open();
  ledger.written('m', [{ fromUs: 6 * MINUTE * 1000 - 1, toUs: 6 * MINUTE * 1000 - 1 }]);
  expect(ledger.repairs('m', '1m')).toEqual([{ from: 5 * MINUTE, to: 6 * MINUTE }]);
});

test('what is written while a range is rolled up has to be done again', async () => {
  const { ledger, kept } = open();
  const range = { from: 0, to: 10 * MINUTE };
  ledger.written('m', [{ fromUs: 0, toUs: 9 * MINUTE * 1000 }]);
  await ledger.repair('m', '1m', range, async () => {
    ledger.written('m', [{ fromUs: 4 * MINUTE * 1000, toUs: 4 * MINUTE * 1000 }]);
    return range;
  });
  const again = [{ from: 4 * MINUTE, to: 5 * MINUTE }];
  expect(ledger.repairs('m', '1m')).toEqual(again);
  expect(kept.get('1m m')?.repairs).toEqual(again);
});

test('a repair that failed stays', async () => {
  const { ledger } = open();
  const range = { from: 0, to: MINUTE };
  ledger.written('m', [{ fromUs: 0, toUs: 0 }]);
  const failing = ledger.repair('m', '1m', range, () => Promise.reject(new Error('no answer')));
  await expect(failing).rejects.toThrow('no answer');
  expect(ledger.repairs('m', '1m')).toEqual([range]);
});

test('the end moves over what was written since, which is a repair then', () => {
  const { ledger } = open();
  // After a start nobody knows what came before it, nor how far ahead of the clock.
  expect(ledger.extend('m', '1m', 62 * MINUTE)).toEqual({ from: 60 * MINUTE, to: 62 * MINUTE });
  ledger.extend('m', '1m', 300 * MINUTE);
  expect(ledger.repairs('m', '1m')).toEqual([{ from: 60 * MINUTE, to: 300 * MINUTE }]);
  ledger.drop('m', '1m', { from: 0, to: 300 * MINUTE });
  expect(ledger.extend('m', '1m', 303 * MINUTE)).toBeNull();
  expect(ledger.repairs('m', '1m')).toEqual([]);
  ledger.written('m', [{ fromUs: 303 * MINUTE * 1000, toUs: 303 * MINUTE * 1000 }]);
  const range = { from: 303 * MINUTE, to: 305 * MINUTE };
  expect(ledger.extend('m', '1m', range.to)).toEqual(range);
  expect(ledger.repairs('m', '1m')).toEqual([range]);
});

test('a reading ahead of the clock is rolled up when its time has come', () => {
  const { ledger } = open();
  for (const minute of [300, 500]) ledger.extend('m', '1m', minute * MINUTE);
  ledger.drop('m', '1m', { from: 0, to: 500 * MINUTE });
  ledger.written('m', [{ fromUs: 505 * MINUTE * 1000, toUs: 505 * MINUTE * 1000 }]);
  for (let minute = 501; minute <= 510; minute++) ledger.extend('m', '1m', minute * MINUTE);
  expect(ledger.repairs('m', '1m')).toEqual([{ from: 500 * MINUTE, to: 506 * MINUTE }]);
});

test('a rollup that was not begun, or was cleared, is not trusted at all', () => {
  const { ledger } = open();
  expect(ledger.untrusted('other', '1m', all)).toEqual([all]);
  expect(ledger.untrusted('m', '1h', all)).toEqual([all]);
  ledger.clear();
  expect(ledger.untrusted('m', '1m', all)).toEqual([all]);
});
