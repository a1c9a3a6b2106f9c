import type { DeviceCounters, DeviceLogLine, DeviceView, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { type HubProcess, startHub } from './kit/hub-process.js';

const T = 1_767_225_600_000;

let hub: HubProcess;
let id: string;
let token: string;
let count = 0;

beforeAll(async () => {
  hub = await startHub({ env: { FIELDLINE_RATE_LIMIT: '0' } });
});

afterAll(() => hub.dispose());

beforeEach(async () => {
  count += 1;
  id = `dev-${count}`;
  token = await hub.http.addDevice(id);
});

async function connect(hello?: Readonly<Record<string, unknown>>): Promise<DeviceClient> {
  const device = await DeviceClient.connect(hub.url, { token });
  if (hello !== undefined) await device.hello(hello);
  return device;
}

/** What the history holds of a metric: values only, in order of time. */
async function values(metric: string): Promise<unknown[]> {
  return (await hub.http.history(id, metric)).map(([, value]) => value);
}

async function counters(): Promise<DeviceCounters> {
  return (await hub.http.get<DeviceView>(`/api/v1/devices/${id}`)).counters;
}

describe('the simplest device', () => {
  it('sends a bare object, and gets no answer', async () => {
    const before = Date.now();
    const device = await connect();
    device.send({ temperature: 21.5, door: true });
    device.send({ type: 'time', uptime: 1 });
    // The answer to the second message is the first thing to come.
    expect(await device.next()).toMatchObject({ type: 'time', uptime: 1 });
    await expect.poll(() => values('temperature').catch(() => [])).toEqual([21.5]);
    expect(await values('door')).toEqual([true]);
    const [[time] = [0]] = await hub.http.history(id, 'temperature');
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
    await device.close();
  });

  it('has its bad values in the quarantine, and no reject', async () => {
    const device = await connect();
    device.send({ temperature: 21.5, place: { room: 7 } });
    device.send({ type: 'time', uptime: 1 });
    expect(await device.next()).toMatchObject({ type: 'time' });
    await expect
      .poll(() => hub.http.quarantine(id))
      .toMatchObject([{ metric: 'place', value: { room: 7 }, code: 'bad_value', source: 'ws' }]);
    await device.close();
  });
});

describe('welcome', () => {
  it('tells what the device has to know', async () => {
    const device = await connect();
    const welcome = await device.hello({ boot: 'b1', seq: 0 });
    expect(welcome).toEqual({
      type: 'welcome',
      session: expect.any(String),
      time: expect.any(Number),
      ack: null,
      window: 256,
      maxFrame: 65_536,
      heartbeat: 20_000,
      reconnect: [expect.any(Number), expect.any(Number)],
      config: expect.any(Number),
    });
    expect(Math.abs((welcome.time as number) - Date.now())).toBeLessThan(60_000);
    await device.close();
  });

  it('lets hello.profile count only while the registry has none', async () => {
    const device = await connect({ boot: 'b1', seq: 0, profile: 'env-sensor', firmware: '1.4.2' });
    expect(await hub.http.get(`/api/v1/devices/${id}`)).toMatchObject({
      profile: 'env-sensor',
      firmware: '1.4.2',
      boot: 'b1',
      online: true,
    });
    await device.hello({ boot: 'b1', seq: 0, profile: 'pump' });
    expect(await hub.http.get(`/api/v1/devices/${id}`)).toMatchObject({ profile: 'env-sensor' });
    await device.close();
  });
});

describe('telemetry', () => {
  it('comes in three shapes, and null is no reading', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, time: T, values: { x: 1, skipped: null } });
    device.send({
      type: 'telemetry',
      seq: 2,
      rows: [
        [T + 1_000, { x: 2 }],
        [T + 2_000, { x: 3, s: 'é' }],
      ],
    });
    device.send({
      type: 'telemetry',
      seq: 3,
      t0: T + 3_000,
      dt: [0, 1_000, 1_000],
      columns: { x: [4, null, 6], b: [null, true, false] },
    });
    await device.acked(3);
    expect(await hub.http.history(id, 'x')).toEqual([
      [T, 1],
      [T + 1_000, 2],
      [T + 2_000, 3],
      [T + 3_000, 4],
      [T + 5_000, 6],
    ]);
    expect(await hub.http.history(id, 's')).toEqual([[T + 2_000, 'é']]);
    expect(await hub.http.history(id, 'b')).toEqual([
      [T + 4_000, true],
      [T + 5_000, false],
    ]);
    expect((await hub.http.request(`/api/v1/devices/${id}/telemetry?metric=skipped`)).status).toBe(404);
    await device.close();
  });

  it('may bring its own boot', async () => {
    const device = await connect();
    device.send({ type: 'telemetry', boot: 'own', seq: 7, values: { x: 1 } });
    expect(await device.acked(7)).toEqual({ type: 'ack', boot: 'own', seq: 7 });
    await device.close();
  });

  it('with a seq and without any boot is best effort and never acked', async () => {
    const device = await connect();
    device.send({ type: 'telemetry', seq: 7, values: { x: 1 } });
    device.send({ type: 'telemetry', boot: 'b', seq: 1, values: { x: 2 } });
    expect(await device.next()).toEqual({ type: 'ack', boot: 'b', seq: 1 });
    expect(await values('x')).toEqual([1, 2]);
    await device.close();
  });

  it('of equal times advances by a microsecond, so that nothing is overwritten', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send({
      type: 'telemetry',
      seq: 1,
      rows: [
        [T, { x: 1 }],
        [T, { x: 2 }],
      ],
    });
    device.send({ type: 'telemetry', seq: 2, time: T, values: { x: 3 } });
    await device.acked(2);
    expect(await values('x')).toEqual([1, 2, 3]);
    await device.close();
  });

  it('ignores unknown fields', async () => {
    const device = await connect({ boot: 'b1', seq: 0, colour: 'red' });
    device.send({ type: 'telemetry', seq: 1, values: { x: 1 }, battery: 'full' });
    await device.acked(1);
    expect(await values('x')).toEqual([1]);
    await device.close();
  });
});

describe('acks and dedupe', () => {
  it('a replay is acked again and stored once', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { x: 1 } });
    await device.acked(1);
    device.send({ type: 'telemetry', seq: 1, values: { x: 2 } });
    expect(await device.next()).toEqual({ type: 'ack', boot: 'b1', seq: 1 });
    await device.close();
    const again = await DeviceClient.connect(hub.url, { token });
    expect(await again.hello({ boot: 'b1', seq: 1 })).toMatchObject({ ack: 1 });
    again.send({ type: 'telemetry', seq: 1, values: { x: 3 } });
    again.send({ type: 'telemetry', seq: 2, values: { x: 4 } });
    await again.acked(2);
    expect(await values('x')).toEqual([1, 4]);
    expect(await counters()).toMatchObject({ duplicates: 2 });
    await again.close();
  });

  it('a gap is counted, and a late message that falls into it is stored', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { x: 1 } });
    device.send({ type: 'telemetry', seq: 4, values: { x: 4 } });
    expect(await device.acked(4)).toMatchObject({ seq: 4 });
    expect(await counters()).toMatchObject({ gaps: 2 });
    device.send({ type: 'telemetry', seq: 3, values: { x: 3 } });
    expect(await device.take('ack')).toMatchObject({ seq: 4 });
    device.send({ type: 'telemetry', seq: 3, values: { x: 33 } });
    expect(await device.take('ack')).toMatchObject({ seq: 4 });
    expect(new Set(await values('x'))).toEqual(new Set([1, 4, 3]));
    await device.close();
  });

  it('watermarks and gaps outlive a restart', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, time: T, values: { x: 1 } });
    device.send({ type: 'telemetry', seq: 3, time: T + 3, values: { x: 3 } });
    await device.acked(3);
    await hub.kill9();
    await hub.start();
    const again = await DeviceClient.connect(hub.url, { token });
    expect(await again.hello({ boot: 'b1', seq: 3 })).toMatchObject({ ack: 3 });
    again.send({ type: 'telemetry', seq: 3, time: T + 3, values: { x: 33 } });
    again.send({ type: 'telemetry', seq: 2, time: T + 2, values: { x: 2 } });
    again.send({ type: 'telemetry', seq: 4, time: T + 4, values: { x: 4 } });
    await again.acked(4);
    expect(await values('x')).toEqual([1, 2, 3, 4]);
    await again.close();
  });

  it('every boot counts for itself', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { x: 1 } });
    await device.acked(1);
    expect(await device.hello({ boot: 'b2', seq: 0 })).toMatchObject({ ack: null });
    device.send({ type: 'telemetry', seq: 1, values: { x: 2 } });
    expect(await device.acked(1)).toMatchObject({ boot: 'b2', seq: 1 });
    expect(await values('x')).toEqual([1, 2]);
    await device.close();
  });

  it('a message that cannot be parsed is answered, so that stop-and-wait goes on', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send('{"type":"telemetry","seq":1,"values":{"temperature":nan}}');
    expect(await device.take('error')).toMatchObject({ code: 'malformed', seq: 1, fatal: false });
    device.send({ type: 'telemetry', seq: 2, values: { temperature: 20 } });
    await device.acked(2);
    expect(await counters()).toMatchObject({ gaps: 0 });
    expect(await hub.http.quarantine(id)).toMatchObject([
      { code: 'malformed', metric: null, value: expect.stringContaining('nan') },
    ]);
    await device.close();
  });
});

describe('types', () => {
  it('are fixed when first seen, and the reject says when', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { x: 20 } });
    device.send({ type: 'telemetry', seq: 2, values: { x: 20.1 } });
    device.send({
      type: 'telemetry',
      seq: 3,
      rows: [
        [T, { x: 'warm', y: 1 }],
        [T + 1, { x: true }],
      ],
    });
    const reject = await device.take('reject');
    expect(reject).toMatchObject({ seq: 3, code: 'type_conflict', metric: 'x', row: 0, count: 2 });
    expect(reject.message).toMatch(/number.*\d{4}-\d\d-\d\d.*string/);
    await device.acked(3);
    expect(await values('x')).toEqual([20, 20.1]);
    expect(await values('y')).toEqual([1]);
    expect((await hub.http.quarantine(id)).map(({ value }) => value)).toEqual(
      expect.arrayContaining(['warm', true]),
    );
    await device.close();
  });

  it('outlive a restart', async () => {
    const device = await connect({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { x: 20 } });
    await device.acked(1);
    await hub.kill9();
    await hub.start();
    const again = await DeviceClient.connect(hub.url, { token });
    await again.hello({ boot: 'b1', seq: 1 });
    again.send({ type: 'telemetry', seq: 2, values: { x: 'warm' } });
    expect(await again.take('reject')).toMatchObject({ code: 'type_conflict' });
    await again.close();
  });

  it('of a profile hold from the start, with its range', async () => {
    const device = await connect({ boot: 'b1', seq: 0, profile: 'env-sensor' });
    device.send({ type: 'telemetry', seq: 1, values: { temperature: 'warm', humidity: 48.5, rssi: -60.5 } });
    const codes = [await device.take('reject'), await device.take('reject')].map(({ metric, code }) => [
      metric,
      code,
    ]);
    expect(codes).toEqual([
      ['temperature', 'type_conflict'],
      ['rssi', 'type_conflict'],
    ]);
    await device.acked(1);
    expect(await values('humidity')).toEqual([48.5]);
    await device.close();
  });
});

describe('other messages', () => {
  it('time is answered with the hub’s clock', async () => {
    const device = await connect();
    device.send({ type: 'time', uptime: 5_123 });
    expect(await device.take('time')).toEqual({ type: 'time', uptime: 5_123, time: expect.any(Number) });
    await device.close();
  });

  it('log lines are kept', async () => {
    const device = await connect();
    device.send({ type: 'log', level: 'warn', message: 'brown-out detected' });
    await expect
      .poll(async () => (await hub.http.get<Page<DeviceLogLine>>(`/api/v1/devices/${id}/log`)).items)
      .toMatchObject([{ level: 'warn', message: 'brown-out detected' }]);
    await device.close();
  });
});
