import { expect, it, vi } from 'vitest';
import { SparseLog } from './sparse-log.js';

it('says each kind of warning once in a minute, and how many there were', () => {
  let now = 0;
  const log = { warn: vi.fn() };
  const { warn } = new SparseLog(log, () => now);
  for (let n = 0; n < 5; n++) warn('full', 'a reading is not taken');
  warn('connection', 'away');
  now = 60_000;
  warn('full', 'a reading is not taken');
  expect(log.warn.mock.calls).toEqual([
    [{}, 'a reading is not taken'],
    [{}, 'away'],
    [{ unlogged: 4 }, 'a reading is not taken'],
  ]);
});
