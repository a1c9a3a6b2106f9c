import { afterEach, beforeEach, expect, it } from 'vitest';
import { Registry } from '../devices/registry.js';
import { DeviceLog } from './device-log.js';
import { TestState } from './state.fixture.js';

let state: TestState;
let log: DeviceLog;

beforeEach(() => {
  state = new TestState();
  Registry.open(state.file).create({ id: 'a' });
  log = new DeviceLog(state.file);
});

afterEach(() => {
  state.remove();
});

it('gives lines back, newest first, after a restart too', () => {
  log.add({ device: 'a', at: 1, level: 'info', message: 'started' });
  log.add({ device: 'a', at: 2, level: 'warn', message: 'brown-out\0 detected' });
  log.flush();
  log = new DeviceLog(state.reopen());
  const page = log.list('a', { limit: 1 });
  expect(page.items).toMatchObject([{ at: 2, level: 'warn', message: 'brown-out␀ detected' }]);
  expect(log.list('a', { limit: 1, cursor: page.next ?? '' }).items).toMatchObject([
    { at: 1, level: 'info' },
  ]);
  expect(log.dropped).toBe(0);
});

it('cuts a line that is too long', () => {
  log.add({ device: 'a', at: 1, level: 'x'.repeat(100), message: 'ä'.repeat(1_000) });
  const [line] = log.list('a', { limit: 1 }).items;
  expect(Buffer.byteLength(line?.message ?? '')).toBeLessThanOrEqual(1_024);
  expect(Buffer.byteLength(line?.level ?? '')).toBe(32);
});
