import type { AuditEntry, DeviceLogLine, DeviceView, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadline } from './kit/deadline.js';
import { DeviceClient, type Message } from './kit/device-client.js';
import { ADMIN_TOKEN, type HubProcess, startHub } from './kit/hub-process.js';
import { MOSQUITTO_PROBES, type Mosquitto, startMosquitto } from './kit/mosquitto.js';
import { type MosquittoSub, mosquittoSub } from './kit/mosquitto-clients.js';
import { requireTool } from './kit/require-tool.js';
import { ViewerClient } from './kit/viewer-client.js';

const canRun =
  requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto) &&
  requireTool('mosquitto_sub', 'mosquitto-clients', MOSQUITTO_PROBES.clients);

let hub: HubProcess;

const view = (id: string) => hub.http.get<DeviceView>(`/api/v1/devices/${id}`);

async function connect(token: string, hello: object): Promise<DeviceClient> {
  const device = await DeviceClient.connect(hub.url, { token });
  await device.hello({ ...hello });
  return device;
}

/** A viewer of one device's status. */
async function watch(id: string): Promise<ViewerClient> {
  const viewer = await ViewerClient.connect(hub.url, ADMIN_TOKEN);
  viewer.send({ type: 'subscribe', id: 1, devices: [id], what: ['status'] });
  await viewer.take('snapshot');
  return viewer;
}

describe('a device', () => {
  beforeAll(async () => {
    hub = await startHub();
  });
  afterAll(() => hub.dispose());

  it('that sleeps is not called offline, gets what waits for it, and is overdue when it stays away', async () => {
    const token = await hub.http.addDevice('sleeper');
    const viewer = await watch('sleeper');
    const device = await connect(token, { boot: 'b1', sleep: 500, caps: ['command'] });
    expect(await viewer.take('status')).toMatchObject({ online: true, reason: 'connected' });
    await device.close();
    expect(await viewer.take('status')).toMatchObject({ online: false, reason: 'sleeping' });
    const asleep = await view('sleeper');
    expect(asleep).toMatchObject({ online: false, sleeping: true, lastDisconnect: { reason: 'closed' } });
    expect(asleep.wakesBy).toBe((asleep.lastDisconnect?.at ?? 0) + 500);
    const metrics = await hub.http.request('/metrics');
    expect(metrics.text).toContain('fieldline_devices{state="sleeping"} 1');

    const path = '/api/v1/devices/sleeper/commands';
    expect((await hub.http.request(path, { body: { name: 'identify' } })).json()).toMatchObject({
      code: 'device_offline',
    });
    await hub.http.request(path, { body: { name: 'identify', queue: true } });
    const awake = await connect(token, { boot: 'b2', sleep: 500, caps: ['command'] });
    expect(await awake.take('command')).toMatchObject({ name: 'identify' });
    expect(await viewer.take('status')).toMatchObject({ online: true, reason: 'connected' });
    expect(await view('sleeper')).toMatchObject({ sleeping: false, wakesBy: null, reboots: 1 });
    await awake.close();
    expect(await viewer.take('status')).toMatchObject({ online: false, reason: 'sleeping' });
    expect(await viewer.take('status')).toMatchObject({ online: false, reason: 'overdue' });
    expect(await view('sleeper')).toMatchObject({ online: false, sleeping: false });
    viewer.close();
  });

  it('that connects again and again is called flapping, in its log and once in the audit', async () => {
    const token = await hub.http.addDevice('flapper');
    for (let time = 0; time < 14; time++) await (await connect(token, { boot: 'b1' })).close();
    expect(await view('flapper')).toMatchObject({ flapping: true, reboots: 0 });
    const log = () => hub.http.get<Page<DeviceLogLine>>('/api/v1/devices/flapper/log');
    await expect.poll(async () => (await log()).items).toMatchObject([{ level: 'warn' }]);
    const audit = () => hub.http.get<Page<AuditEntry>>('/api/v1/audit?action=device.flapping');
    await expect
      .poll(async () => (await audit()).items, { timeout: 5_000 })
      .toMatchObject([{ actor: 'hub', subject: 'device:flapper', details: { connects: 11 } }]);
  });
});

describe.skipIf(!canRun)('a restart of the hub', () => {
  let mosquitto: Mosquitto;
  let sub: MosquittoSub;

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    hub = await startHub({ env: { FIELDLINE_MQTT_URL: mosquitto.url } });
    sub = await mosquittoSub(['fieldline/v1/devices/+/status', 'fieldline/v1/hub/status'], mosquitto);
  });
  afterAll(async () => {
    await sub?.kill9();
    await hub?.dispose();
    await mosquitto?.dispose();
  });

  /** What was said of a device so far. */
  const saidOf = (id: string): { online: boolean; reason: string }[] =>
    sub.messages
      .filter(({ topic }) => topic === `fieldline/v1/devices/${id}/status`)
      .map(({ payload }) => JSON.parse(String(payload)));
  const hubSays = (online: boolean) =>
    sub.message(
      ({ topic, payload, retained }) =>
        topic.endsWith('hub/status') && !retained && String(payload).includes(`"online":${online}`),
      `the hub ${online}`,
    );

  it.each(['stopped', 'killed'])('that was %s says nothing of devices that come back', async (how) => {
    const id = `steady-${how}`;
    const away = `away-${how}`;
    const token = await hub.http.addDevice(id);
    const awayToken = await hub.http.addDevice(away);
    const before = await connect(token, { boot: 'b1' });
    await (await connect(awayToken, { boot: 'b1' })).close();
    await sub.message(
      ({ topic, payload }) => topic.includes(`/${away}/`) && String(payload).includes('closed'),
      away,
    );
    const viewer = await watch(id);
    // What is known of devices is saved every few seconds, and at a stop.
    if (how === 'killed') await new Promise((resolve) => setTimeout(resolve, 5_500));
    if (how === 'killed') await hub.kill9();
    else await hub.stop();
    const heard: Message[] = [];
    await deadline(
      (async () => {
        for (;;) heard.push(await viewer.take('status'));
      })().catch(() => undefined),
      () => 'the viewer to be let go of',
    );
    expect(heard).toEqual([]);
    await before.end();
    await hubSays(false);
    await hub.start();

    const after = await watch(id);
    const device = await connect(token, { boot: 'b1' });
    expect(await after.take('status')).toMatchObject({ device: id, online: true, reason: 'returned' });
    expect(await view(id)).toMatchObject({
      online: true,
      reboots: 0,
      lastDisconnect: { reason: 'hub_stopped' },
    });
    expect(await view(away)).toMatchObject({ online: false, lastDisconnect: { reason: 'closed' } });
    // What is said after this is said after whatever the hub had to say of the restart.
    await device.close();
    await sub.message(
      ({ topic, payload }) => topic.includes(`/${id}/`) && String(payload).includes('closed'),
      id,
    );
    const since = (name: string, reason: string) => {
      const said = saidOf(name).map((status) => `${status.online} ${status.reason}`);
      return [...new Set(said.slice(said.findIndex((one) => one.endsWith(` ${reason}`))))];
    };
    expect(since(id, 'connected')).toEqual(['true connected', 'false closed']);
    expect(since(away, 'closed')).toEqual(['false closed']);
    after.close();
  });
});
