import { topics } from '@fieldline/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Device } from '../devices/device.js';
import { deviceOf } from '../ingest/ingest.fixture.js';
import { MIDNIGHT_US, reading, SECOND_US } from '../sinks/sinks.fixture.js';
import { RetainedTopics } from './retained-topics.js';
import { StatePublisher } from './state-publisher.js';
import { HeldTransport } from './transport.fixture.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function bench(ids: readonly string[]) {
  const transport = new HeldTransport();
  transport.isQuick = true;
  const retained = new RetainedTopics(transport);
  const byId = new Map<string, Device>(ids.map((id) => [id, deviceOf(id)]));
  const devices = { get: (id: string) => byId.get(id), ids: () => byId.keys() };
  const state = new StatePublisher({ transport, retained, devices, topics: topics('p') });
  retained.open();
  state.open();
  /** A durable reading, as app.ts hands it on. */
  const take = (id: string, second: number, values: Record<string, number | string>) => {
    const one = reading(id, MIDNIGHT_US + second * SECOND_US, values);
    const device = byId.get(id);
    for (const [name, value] of Object.entries(values)) {
      if (!device?.metrics.has(name)) device?.addMetric(name, typeof value as 'number', 0);
    }
    device?.take(one, 1);
    state.take([one]);
  };
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { transport, byId, state, take, pass };
}

test('merges the latest values, at most once a second', async () => {
  const { transport, take, pass, state } = bench(['d']);
  for (let n = 0; n < 100; n++) {
    take('d', n, { t: n });
    await pass(20);
  }
  take('d', 50, { t: -1, late: 'x' });
  await pass(1_000);
  expect(transport.published.length).toBeLessThanOrEqual(4);
  expect(transport.published.at(-1)).toMatchObject({
    ...{ topic: 'p/devices/d/state', qos: 1, retain: true },
    payload: JSON.stringify({ time: MIDNIGHT_US / 1_000 + 99_000, values: { t: 99, late: 'x' } }),
  });
  const count = transport.published.length;
  await pass(5_000);
  expect(transport.published).toHaveLength(count);
  state.close();
});

test('spreads ten thousand devices over the second, and says all again after a connect', async () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => `d${n}`);
  const { transport, take, pass, state } = bench(ids);
  for (const id of ids) take(id, 0, { t: 1 });
  for (let tick = 0; tick < 50; tick++) {
    const before = transport.published.length;
    await pass(20);
    expect(transport.published.length - before).toBeLessThanOrEqual(400);
  }
  expect(new Set(transport.said).size).toBe(10_000);
  transport.disconnect();
  transport.published.length = 0;
  transport.connect();
  await pass(1_100);
  expect(new Set(transport.said).size).toBe(10_000);
  state.close();
});

test('a device without values has no state; one that is gone is cleared', async () => {
  const { transport, byId, take, pass, state } = bench(['empty', 'gone']);
  take('gone', 0, { t: 1 });
  byId.delete('gone');
  state.forget('gone');
  await pass(1_100);
  expect(transport.said).toEqual(['p/devices/gone/state ']);
  state.close();
});

test('a value of the type before is said no more; without any left the state is cleared', async () => {
  const { transport, byId, take, pass, state } = bench(['d']);
  take('d', 0, { t: 1, on: 'yes' });
  await pass(1_100);
  const device = byId.get('d') as Device;
  const retype = (...metrics: string[]) => {
    device.setProfile(undefined, new Map(metrics.map((name) => [name, { type: 'boolean', fixedAt: 1 }])));
    state.retyped(device);
  };
  retype('t');
  await pass(1_100);
  expect(JSON.parse(String(transport.published.at(-1)?.payload)).values).toEqual({ on: 'yes' });
  retype('t', 'on');
  await pass(1_100);
  expect(transport.said.at(-1)).toBe('p/devices/d/state ');
  state.close();
});

test('the last change is said at the end, too', async () => {
  const { transport, take, pass, state } = bench(['d', 'e']);
  await pass(1_000);
  transport.published.length = 0;
  take('d', 0, { t: 1 });
  take('e', 0, { t: 2 });
  state.close();
  await pass(1_100);
  expect(transport.published.map(({ topic }) => topic).sort()).toEqual([
    'p/devices/d/state',
    'p/devices/e/state',
  ]);
});
