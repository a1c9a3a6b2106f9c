/**
 * A process that writes into a history until it is killed: reading `k` has the value `k`, and every fifth a
 * text too. Tells its parent how far it got. Arguments: the file, and after how many points to sort.
 */
import { packBatch, type Reading } from '@fieldline/journal';
import { DuckDbStore } from './store.js';

const READINGS_PER_WRITE = 2_000;
/** In the past, so that days are over; the distance fills a day with 29 writes. */
const START_US = Date.UTC(2024, 10, 20) * 1000;
const STEP_US = 1_500_000;

const [path = '', hotPoints = '0'] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const store = new DuckDbStore({
  path,
  memory: '64MB',
  retentionDays: 0,
  log: silent,
  hotPoints: Number(hotPoints),
});
await store.open();

const position = (await store.cursor('journal', Number.MAX_SAFE_INTEGER)) ?? 0;
process.send?.(position);
for (let first = position + 1; ; first += READINGS_PER_WRITE) {
  const readings = Array.from({ length: READINGS_PER_WRITE }, (_, step) => numbered(first + step));
  const last = first + READINGS_PER_WRITE - 1;
  await store.write([{ first, packed: packBatch({ readings, ranges: [] }) }], last);
  process.send?.(last);
  // Days that are over and in many pieces are sorted as a whole by this one.
  if ((last / READINGS_PER_WRITE) % 10 === 0) void store.compact().catch(() => undefined);
}

function numbered(k: number): Reading {
  const time = START_US + k * STEP_US;
  const values = k % 5 === 0 ? { k, text: `t${k}` } : { k };
  return { device: `d${k % 7}`, boot: 'b', seq: k, time, receivedAt: time, values, flags: 0 };
}
