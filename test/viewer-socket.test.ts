import type { Ticket } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient, refusedUpgrade } from './kit/device-client.js';
import { ADMIN_TOKEN, type HubProcess, startHub } from './kit/hub-process.js';
import { ViewerClient } from './kit/viewer-client.js';

const T = 1_767_225_600_000;
const path = '/ws/v1/live';

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub({ env: { FIELDLINE_LIVE_MAX_VIEWERS: '20' } });
});

afterAll(() => hub.dispose());

async function apiToken(role: string): Promise<{ id: string; token: string }> {
  const answer = await hub.http.request('/api/v1/tokens', { body: { name: `a ${role}`, role } });
  expect(answer.status).toBe(201);
  return answer.json();
}

async function device(id: string, rest: Readonly<Record<string, unknown>> = {}): Promise<DeviceClient> {
  const client = await DeviceClient.connect(hub.url, { token: await hub.http.addDevice(id, rest) });
  await client.hello({ boot: 'b1', seq: 0 });
  return client;
}

async function cookie(): Promise<string> {
  const body = { username: 'admin', password: ADMIN_TOKEN };
  const answer = await hub.http.request('/api/v1/session', { body, token: null });
  expect(answer.status).toBe(200);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('logging in', () => {
  it('by API token', async () => {
    const { token } = await apiToken('viewer');
    const viewer = await ViewerClient.connect(hub.url, token);
    expect(await viewer.subscribe(1, { devices: [] })).toEqual([]);
    viewer.close();
  });

  it('by session cookie, from a page of ours only', async () => {
    const headers = { cookie: await cookie() };
    const viewer = await DeviceClient.connect(hub.url, { path, headers: { ...headers, origin: hub.url } });
    await viewer.close();
    for (const origin of ['https://evil.example', 'null']) {
      expect((await refusedUpgrade(hub.url, { path, headers: { ...headers, origin } })).status).toBe(403);
    }
    expect((await refusedUpgrade(hub.url, { path, headers })).status).toBe(403);
  });

  it('by a ticket, once', async () => {
    const { token } = await apiToken('viewer');
    const answer = await hub.http.request('/api/v1/tickets', { method: 'POST', token });
    const { ticket, expiresAt } = answer.json<Ticket>();
    expect(expiresAt - Date.now()).toBeLessThanOrEqual(30_000);
    const viewer = await DeviceClient.connect(hub.url, { path: `${path}?ticket=${ticket}` });
    viewer.send({ type: 'subscribe', id: 1, devices: '*', what: ['raw'] });
    // The role is that of the ticket's creator.
    expect(await viewer.take('error')).toMatchObject({ id: 1, code: 'bad_subscription' });
    await viewer.close();
    expect((await refusedUpgrade(hub.url, { path: `${path}?ticket=${ticket}` })).status).toBe(401);
  });

  it('by nothing else', async () => {
    expect((await refusedUpgrade(hub.url, { path })).status).toBe(401);
    const token = await hub.http.addDevice('no-viewer');
    expect((await refusedUpgrade(hub.url, { path, token })).status).toBe(401);
  });

  it('ends when the token, or the session, is revoked', async () => {
    const { id, token } = await apiToken('viewer');
    const byToken = await ViewerClient.connect(hub.url, token);
    const ticket = (await hub.http.request('/api/v1/tickets', { method: 'POST', token })).json().ticket;
    const byTicket = await DeviceClient.connect(hub.url, { path: `${path}?ticket=${ticket}` });
    expect((await hub.http.request(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await byToken.end()).code).toBe(4401);
    expect((await byTicket.end()).code).toBe(4401);

    const headers = { cookie: await cookie(), origin: hub.url };
    const bySession = await DeviceClient.connect(hub.url, { path, headers });
    const out = await hub.http.request('/api/v1/session', { method: 'DELETE', token: null, headers });
    expect(out.status).toBe(204);
    expect((await bySession.end()).code).toBe(4401);
  });

  it('is limited in number', async () => {
    const viewers: ViewerClient[] = [];
    for (let n = 0; n < 20; n++) viewers.push(await ViewerClient.connect(hub.url));
    const tooMany = await ViewerClient.connect(hub.url);
    expect((await tooMany.end()).code).toBe(1013);
    for (const viewer of viewers) viewer.close();
    await expect
      .poll(async () => (await hub.http.request('/metrics')).text)
      .toMatch(/^fieldline_viewers 0$/m);
  });
});

describe('what viewers see', () => {
  it('a snapshot with online state, then durable readings', async () => {
    const sensor = await device('sensor');
    sensor.send({ type: 'telemetry', seq: 1, time: T, values: { temperature: 21.5, door: true } });
    await sensor.acked(1);
    await device('other');
    const viewer = await ViewerClient.connect(hub.url);
    const devices = await viewer.subscribe(1, { devices: ['sensor', 'other'], metrics: ['temperature'] });
    expect(devices).toEqual([
      { id: 'sensor', online: true, values: { temperature: [T, 21.5] } },
      { id: 'other', online: true, values: {} },
    ]);
    sensor.send({ type: 'telemetry', seq: 2, time: T + 1, values: { temperature: 22, door: false } });
    expect(await viewer.take('update')).toEqual({
      type: 'update',
      readings: [['sensor', T + 1, { temperature: 22 }]],
    });
    viewer.close();
    await sensor.close();
  });

  it('with minPeriod 0 every reading, in order', async () => {
    const sensor = await device('fast');
    const viewer = await ViewerClient.connect(hub.url);
    await viewer.subscribe(1, { devices: ['fast'], minPeriod: 0 });
    for (let seq = 1; seq <= 200; seq++) {
      sensor.send({ type: 'telemetry', seq, time: T + seq, values: { n: seq } });
    }
    const seen: unknown[] = [];
    while (seen.length < 200) {
      const { readings } = (await viewer.take('update')) as unknown as {
        readings: [string, number, { n: number }][];
      };
      seen.push(...readings.map(([, , { n }]) => n));
    }
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    viewer.close();
    await sensor.close();
  });

  it('devices that come, change their tags, or send raw frames and log lines', async () => {
    const viewer = await ViewerClient.connect(hub.url);
    const what = ['telemetry', 'status', 'log', 'raw'];
    expect(await viewer.subscribe(1, { devices: { tags: { site: 'north' } }, what, minPeriod: 0 })).toEqual(
      [],
    );
    const sensor = await device('tagged', { tags: { site: 'north' } });
    expect(await viewer.take('status')).toMatchObject({ device: 'tagged', online: true });
    sensor.send({ type: 'log', level: 'warn', message: 'brown-out' });
    expect(await viewer.take('raw')).toMatchObject({
      device: 'tagged',
      direction: 'in',
      frame: expect.any(String),
    });
    expect(await viewer.take('log')).toMatchObject({ device: 'tagged', level: 'warn', message: 'brown-out' });
    sensor.send({ type: 'telemetry', seq: 1, time: T, values: { n: 1 } });
    expect(await viewer.take('update')).toMatchObject({ readings: [['tagged', T, { n: 1 }]] });

    const tag = (site: string) =>
      hub.http.request('/api/v1/devices/tagged', { method: 'PATCH', body: { tags: { site } } });
    expect((await tag('south')).status).toBe(200);
    sensor.send({ type: 'telemetry', seq: 2, time: T + 2, values: { n: 2 } });
    await sensor.acked(2);
    expect((await tag('north')).status).toBe(200);
    sensor.send({ type: 'telemetry', seq: 3, time: T + 3, values: { n: 3 } });
    expect(await viewer.take('update')).toMatchObject({ readings: [['tagged', T + 3, { n: 3 }]] });
    await sensor.close();
    expect(await viewer.take('status')).toMatchObject({ device: 'tagged', online: false });
    viewer.close();
  });

  it('a backfill never replaces the latest', async () => {
    const sensor = await device('backfill');
    const viewer = await ViewerClient.connect(hub.url);
    await viewer.subscribe(1, { devices: ['backfill'], minPeriod: 10 });
    sensor.send({ type: 'telemetry', seq: 1, time: T, values: { n: 1 } });
    await viewer.take('update');
    sensor.send({ type: 'telemetry', seq: 2, time: T - 5_000, values: { n: 0 } });
    await sensor.acked(2);
    sensor.send({ type: 'telemetry', seq: 3, time: T + 1, values: { n: 3 } });
    expect(await viewer.take('update')).toMatchObject({ readings: [['backfill', T + 1, { n: 3 }]] });
    const [shown] = await viewer.subscribe(2, { devices: ['backfill'] });
    expect(shown?.values).toEqual({ n: [T + 1, 3] });
    viewer.close();
    await sensor.close();
  });
});

describe('requests that make no sense', () => {
  it.each([
    ['not JSON', 'malformed'],
    ['{"type":"subscribe","id":1,"devices":7}', 'bad_subscription'],
    ['{"type":"unsubscribe","id":1}', 'bad_subscription'],
    ['{"type":"levitate"}', 'unknown_type'],
  ])('%s is answered by %s', async (text, code) => {
    const viewer = await ViewerClient.connect(hub.url);
    viewer.send(text);
    expect(await viewer.take('error')).toMatchObject({ code });
    viewer.close();
  });
});
