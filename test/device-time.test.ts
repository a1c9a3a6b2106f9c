import type { DeviceView } from '@fieldline/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { type HubProcess, startHub } from './kit/hub-process.js';

const HOUR = 3_600_000;

let hub: HubProcess;
let id: string;
let device: DeviceClient;
let count = 0;

beforeAll(async () => {
  hub = await startHub();
});

afterAll(() => hub.dispose());

beforeEach(async () => {
  count += 1;
  id = `clock-${count}`;
  device = await DeviceClient.connect(hub.url, { token: await hub.http.addDevice(id) });
  await device.hello({ boot: 'b1', seq: 0, uptime: 60_000 });
  return () => device.close();
});

/** Sends one message and answers the times that its readings were given, in ms. */
async function timesOf(message: Readonly<Record<string, unknown>>): Promise<number[]> {
  device.send({ type: 'telemetry', seq: 1, ...message });
  await device.acked(1);
  return (await hub.http.history(id, 'x')).map(([time]) => time);
}

async function repairs(): Promise<number> {
  return (await hub.http.get<DeviceView>(`/api/v1/devices/${id}`)).counters.clockRepairs;
}

describe('time', () => {
  it('is the hub’s without one', async () => {
    const before = Date.now();
    const [time] = await timesOf({ values: { x: 1 } });
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
    expect(await repairs()).toBe(0);
  });

  it('in seconds is multiplied, and counted', async () => {
    const seconds = Math.floor(Date.now() / 1_000) - 100;
    expect(await timesOf({ time: seconds, values: { x: 1 } })).toEqual([seconds * 1_000]);
    expect(await repairs()).toBe(1);
  });

  it('far ahead keeps its spacing, its last row set to now', async () => {
    const ahead = Date.now() + 24 * HOUR;
    const before = Date.now();
    const [first = 0, last = 0] = await timesOf({
      rows: [
        [ahead, { x: 1 }],
        [ahead + 5_000, { x: 2 }],
      ],
    });
    expect(last).toBeGreaterThanOrEqual(before);
    expect(last).toBeLessThanOrEqual(Date.now());
    expect(last - first).toBe(5_000);
    expect(await repairs()).toBe(2);
  });

  it('before 2020 is repaired likewise', async () => {
    const before = Date.now();
    const [first = 0, last = 0] = await timesOf({ t0: 5_000, dt: [0, 250], columns: { x: [1, 2] } });
    expect(last).toBeGreaterThanOrEqual(before);
    expect(last - first).toBe(250);
  });

  it('a few minutes ahead is left alone', async () => {
    const soon = Date.now() + 5 * 60_000;
    expect(await timesOf({ time: soon, values: { x: 1 } })).toEqual([soon]);
    expect(await repairs()).toBe(0);
  });
});

describe('uptime', () => {
  it('stands in place of time', async () => {
    // Hello came at uptime 60,000: a reading of ten seconds before lies ten seconds before now.
    const [time = 0] = await timesOf({ uptime: 50_000, values: { x: 1 } });
    const age = Date.now() - time;
    expect(age).toBeGreaterThanOrEqual(10_000);
    expect(age).toBeLessThan(40_000);
    expect(await repairs()).toBe(0);
  });

  it('stands in place of t0, and beside rows', async () => {
    const columns = await timesOf({ uptime: 40_000, dt: [0, 500, 500], columns: { x: [1, 2, 3] } });
    expect(columns.map((time) => time - (columns[0] ?? 0))).toEqual([0, 500, 1_000]);
    device.send({
      type: 'telemetry',
      seq: 2,
      clock: 'uptime',
      rows: [
        [42_000, { x: 4 }],
        [43_000, { x: 5 }],
      ],
    });
    await device.acked(2);
    const all = (await hub.http.history(id, 'x')).map(([time]) => time);
    expect(all.map((time) => time - (all[0] ?? 0))).toEqual([0, 500, 1_000, 2_000, 3_000]);
  });
});
