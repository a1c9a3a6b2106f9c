import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline } from './kit/deadline.js';
import { DeviceClient, refusedUpgrade } from './kit/device-client.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { ViewerClient } from './kit/viewer-client.js';

let hub: HubProcess;
let id: string;
let token: string;
let count = 0;

beforeAll(async () => {
  hub = await startHub({
    env: {
      FIELDLINE_DEVICE_WINDOW: '4',
      FIELDLINE_RATE_LIMIT: '1000',
      FIELDLINE_DEVICE_RATE_BURST: '100',
    },
  });
});

afterAll(() => hub.dispose());

beforeEach(async () => {
  count += 1;
  id = `s-${count}`;
  token = await hub.http.addDevice(id);
});

async function connect(boot = 'b1'): Promise<DeviceClient> {
  const device = await DeviceClient.connect(hub.url, { token });
  await device.hello({ boot, seq: 0 });
  return device;
}

function sendNumbered(device: DeviceClient, from: number, to: number): void {
  for (let seq = from; seq <= to; seq++) device.send({ type: 'telemetry', seq, values: { n: seq } });
}

async function stored(): Promise<unknown[]> {
  return (await hub.http.history(id, 'n')).map(([, value]) => value).sort((a, b) => Number(a) - Number(b));
}

function numbers(to: number): number[] {
  return Array.from({ length: to }, (_, index) => index + 1);
}

describe('one session per device', () => {
  it('the newest wins; what the older one had sent is kept', async () => {
    const older = await connect();
    sendNumbered(older, 1, 20);
    const newer = await DeviceClient.connect(hub.url, { token });
    const welcome = newer.hello({ boot: 'b1', seq: 20 });
    expect(await older.take('error')).toMatchObject({ code: 'replaced', fatal: true });
    expect((await older.end()).code).toBe(4409);
    const { ack } = await welcome;
    sendNumbered(newer, ((ack as number | null) ?? 0) + 1, 25);
    await newer.acked(25);
    expect(await stored()).toEqual(numbers(25));
    expect(await hub.http.get(`/api/v1/devices/${id}`)).toMatchObject({ online: true });
    await newer.close();
    await expect.poll(() => hub.http.get(`/api/v1/devices/${id}`)).toMatchObject({ online: false });
  });

  it('boards that share a token are slowed down, and one of them stays', async () => {
    const sockets: DeviceClient[] = [];
    let refused: { status: number; retryAfter: string | undefined } | undefined;
    while (refused === undefined && sockets.length < 50) {
      const device = await DeviceClient.connect(hub.url, { token }).catch(() => undefined);
      if (device === undefined) refused = await refusedUpgrade(hub.url, { token });
      else sockets.push(device);
      await device?.hello({ boot: `b${sockets.length}`, seq: 0 });
    }
    expect(refused).toMatchObject({ status: 429 });
    expect(Number(refused?.retryAfter)).toBeGreaterThan(0);
    const last = sockets.at(-1);
    last?.send({ type: 'telemetry', seq: 1, values: { n: 1 } });
    await last?.acked(1);
    await last?.close();
  });
});

describe('credit and rate', () => {
  it('a device that sends beyond its window and rate loses nothing', async () => {
    const device = await connect();
    sendNumbered(device, 1, 600);
    await device.acked(600);
    expect(await stored()).toEqual(numbers(600));
    await device.close();
  });

  it('best-effort readings beyond the rate are dropped, and counted', async () => {
    const device = await DeviceClient.connect(hub.url, { token });
    const before = await metric(hub, 'fieldline_best_effort_dropped_total');
    for (let n = 1; n <= 5_000; n++) device.send({ n });
    device.send({ type: 'telemetry', boot: 'b', seq: 1, values: { last: true } });
    await device.acked(1);
    const kept = (await stored()).length;
    expect(kept).toBeGreaterThanOrEqual(100);
    expect(kept).toBeLessThan(5_000);
    if (before !== undefined) {
      const dropped = ((await metric(hub, 'fieldline_best_effort_dropped_total')) ?? 0) - before;
      expect(kept + dropped).toBe(5_000);
    }
    await device.close();
  });
});

describe('heartbeat', () => {
  // On a hub of its own, so that nothing else has to be quick.
  let beating: HubProcess;

  beforeAll(async () => {
    beating = await startHub({ env: { FIELDLINE_DEVICE_HEARTBEAT_MS: '500' } });
  });

  afterAll(() => beating.dispose());

  it('keeps a device that answers pings', async () => {
    const device = await DeviceClient.connect(beating.url, { token: await beating.http.addDevice('lively') });
    await device.hello({ boot: 'b1', seq: 0 });
    let pings = 0;
    const pinged = new Promise<void>((resolve) => {
      device.socket.on('ping', () => {
        pings += 1;
        if (pings === 5) resolve();
      });
    });
    await deadline(pinged, () => `five pings; there were ${pings}`);
    sendNumbered(device, 1, 1);
    await device.acked(1);
    await device.close();
  });

  it('drops one that is silent for three, and viewers hear of it', async () => {
    const viewer = await ViewerClient.connect(beating.url);
    const silent = await beating.http.addDevice('silent');
    await viewer.subscribe(1, { devices: ['silent'], what: ['status'] });
    const device = await DeviceClient.connect(beating.url, { token: silent, autoPong: false });
    expect(await viewer.take('status')).toMatchObject({ device: 'silent', online: true });
    expect(await device.take('error')).toMatchObject({ code: 'timeout' });
    expect((await device.end()).code).toBe(4408);
    const status = await viewer.take('status');
    expect(status).toMatchObject({ device: 'silent', online: false, reason: 'timeout' });
    viewer.close();
  });
});

/** A counter of `GET /metrics`; undefined when it is not there. */
async function metric(of: HubProcess, name: string): Promise<number | undefined> {
  const { text } = await of.http.request('/metrics');
  const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}
