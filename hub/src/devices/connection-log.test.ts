import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DeviceConnections } from '../state/device-connections.js';
import { TestState } from '../state/state.fixture.js';
import { ConnectionLog } from './connection-log.js';
import { Device } from './device.js';
import { RETURNED } from './presence.js';
import { Registry } from './registry.js';

const START = 1_767_225_600_000;

let state: TestState;
let store: DeviceConnections;
let log: ConnectionLog;
let device: Device;
let nowMs: number;

beforeEach(() => {
  vi.useFakeTimers();
  state = new TestState();
  const registry = Registry.open(state.file);
  device = new Device(registry.create({ id: 'pump' }));
  store = new DeviceConnections(state.file);
  nowMs = START;
  log = new ConnectionLog({ store, log: pino({ enabled: false }), now: () => nowMs });
});

afterEach(() => {
  log.close();
  state.remove();
  vi.useRealTimers();
});

const listed = () => store.list('pump', { limit: 10 }).items;
const change = (online: boolean, reason: string, at: number) => log.changed({ device, online, reason, at });
const reading = (timeMs: number) => {
  const base = { device: 'pump', boot: 'b1', seq: 1, values: { level: 1 }, flags: 0 };
  return { ...base, time: timeMs * 1_000, receivedAt: nowMs * 1_000 };
};

it('writes what happened within a second together, and keeps it over a restart', () => {
  const flush = vi.spyOn(store, 'flush');
  change(true, 'connected', START);
  log.rebooted(device, 'b2');
  change(false, 'timeout', START + 500);
  expect(flush).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(flush).toHaveBeenCalledTimes(1);
  store = new DeviceConnections(state.reopen());
  expect(listed()).toEqual([
    { at: START + 500, event: 'offline', reason: 'timeout' },
    { at: START, event: 'rebooted', boot: 'b2' },
    { at: START, event: 'online', reason: 'connected' },
  ]);
});

it('takes a restart of the hub for no event', () => {
  change(true, RETURNED, START);
  vi.advanceTimersByTime(1_000);
  expect(listed()).toEqual([]);
});

it('tells readings that a device kept while it was away as one event', () => {
  change(true, RETURNED, START);
  nowMs = START + 100;
  log.take([reading(START - 60_000), reading(START - 30_000), reading(START), reading(START - 2_000)]);
  vi.advanceTimersByTime(1_000);
  expect(listed()).toEqual([]); // more may follow
  nowMs = START + 6_000;
  vi.advanceTimersByTime(1_000);
  expect(listed()).toEqual([
    { at: START + 100, event: 'late', from: START - 60_000, to: START - 30_000, readings: 2 },
  ]);
});

it('calls no reading late that was measured since the device connected', () => {
  change(true, 'connected', START);
  nowMs = START + 600_000;
  log.take([reading(START + 1_000)]);
  log.close();
  expect(listed()).toMatchObject([{ event: 'online' }]);
});

it('keeps what cannot be written, and writes it later', () => {
  const flush = vi.spyOn(store, 'flush').mockImplementationOnce(() => {
    throw new Error('disk full');
  });
  change(true, 'connected', START);
  vi.advanceTimersByTime(1_000);
  expect(store.waiting).toBe(1);
  expect(flush).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1_000);
  expect(flush).toHaveBeenCalledTimes(2);
  expect(store.waiting).toBe(0);
});

it('writes what befell thousands at once in turns, and loses none of it', () => {
  for (let at = 0; at < 600; at++) change(at % 2 === 0, 'connected', START + at);
  vi.advanceTimersByTime(999);
  expect(store.waiting).toBe(600);
  vi.advanceTimersToNextTimer();
  expect(store.waiting).toBe(350);
  vi.advanceTimersToNextTimer();
  expect(store.waiting).toBe(100);
  vi.advanceTimersToNextTimer();
  expect(store.waiting).toBe(0);
  expect(store.list('pump', { limit: 1_000 }).items).toHaveLength(600);
});

it('shows what waits of a device, and writes nothing else for that', () => {
  state.file
    .change("INSERT INTO devices SELECT 'fan', name, profile, tags, disabled, created_at FROM devices")
    .run();
  change(true, 'connected', START);
  store.add('fan', { at: START, event: 'online', reason: 'connected' });
  expect(listed()).toHaveLength(1);
  expect(store.waiting).toBe(1);
  expect(store.list('fan', { limit: 10 }).items).toHaveLength(1);
});
