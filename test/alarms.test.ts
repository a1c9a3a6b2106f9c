import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { AlarmDetail, AlarmView, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MailReceiver, WebhookReceiver } from './kit/alarm-receivers.js';
import { fieldline } from './kit/fieldline.js';
import { ADMIN_TOKEN, type HubProcess, startHub } from './kit/hub-process.js';
import { MqttPeer } from './kit/mqtt-peer.js';
import { tempDir } from './kit/temp-dir.js';
import { ViewerClient } from './kit/viewer-client.js';

const SECRET = 'a-signing-secret';
const PROFILES = {
  room: `
profile: room
metrics:
  temperature: { type: number, unit: Cel, title: Temperature, warn: { above: 6 }, alarm: { above: 8, hysteresis: 0.5, for: 5s } }
`,
  quick: 'profile: quick\ninterval: 250ms\nmetrics: { x: { type: number } }\n',
};

const profiles = tempDir('profiles');
let hooks: WebhookReceiver;
let mail: MailReceiver;
let hub: HubProcess;
let peer: MqttPeer;
let viewer: ViewerClient;
let id: string;
let token: string;
let count = 0;

beforeAll(async () => {
  for (const [name, text] of Object.entries(PROFILES)) writeFileSync(`${profiles.path}/${name}.yaml`, text);
  hooks = await WebhookReceiver.listen();
  mail = new MailReceiver();
  await mail.open();
  hub = await startHub({
    env: {
      FIELDLINE_PROFILES: profiles.path,
      FIELDLINE_ALARMS_PER_MINUTE: '600',
      FIELDLINE_ALARMS_WEBHOOK_URL: hooks.url,
      FIELDLINE_ALARMS_WEBHOOK_SECRET: SECRET,
      FIELDLINE_ALARMS_EMAIL_HOST: '127.0.0.1',
      FIELDLINE_ALARMS_EMAIL_PORT: String(mail.port),
      FIELDLINE_ALARMS_EMAIL_TLS: 'off',
      FIELDLINE_ALARMS_EMAIL_TO: 'shift@north.example',
      FIELDLINE_MQTT_PORT: '0',
    },
  });
  await watch();
});

afterAll(async () => {
  await peer?.close();
  viewer?.socket.terminate();
  await hub?.dispose();
  await mail?.close();
  await hooks?.close();
  profiles.remove();
});

beforeEach(async () => {
  id = `room-${++count}`;
  token = await hub.http.addDevice(id, { name: `Room ${count}`, profile: 'room' });
});

async function watch(): Promise<void> {
  viewer = await ViewerClient.connect(hub.url);
  await viewer.subscribe(1, { devices: '*', what: ['alarm'] });
  const url = `${hub.url.replace('http', 'ws')}/mqtt`;
  const login = { username: 'ops', password: ADMIN_TOKEN, protocolVersion: 4 } as const;
  peer = await MqttPeer.connect({ url, ...login }, 'fieldline/v1/devices/+/alarm');
}

/** Sends readings, `[ms from now, °C]`; they are on disk when it returns. */
async function measure(...rows: (readonly [number, number])[]): Promise<void> {
  const now = Date.now();
  const body = { rows: rows.map(([ms, temperature]) => [now + ms, { temperature }]) };
  const answer = await hub.http.request(`/api/v1/ingest/${id}`, { body, token });
  expect(answer.status).toBe(200);
}

async function told(state: string): Promise<AlarmView> {
  for (;;) {
    const alarm = (await viewer.take('alarm')).alarm as AlarmView;
    if (alarm.device === id && alarm.state === state) return alarm;
  }
}

async function alarms(query = ''): Promise<readonly AlarmView[]> {
  return (await hub.http.get<Page<AlarmView>>(`/api/v1/alarms?device=${id}${query}`)).items;
}

const posted = (event: string) =>
  hooks.posted.take(
    ({ body, status }) => body.event === event && body.alarm?.device === id && status === 200,
    `${event} of ${id}`,
  );

describe('alarms', () => {
  it('are raised by the reading’s own time, shown live, told everywhere, and clear by themselves', async () => {
    await measure([0, 5], [1, 7]);
    const raised = await told('raised');
    expect(raised).toMatchObject({ level: 'warn', metric: 'temperature', value: 7, past: false });
    const { headers, text, body } = await posted('alarm.raised');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
    const signature = createHmac('sha256', SECRET).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    expect(headers['idempotency-key']).toBe(body.id);
    expect(body.alarm).toMatchObject({ id: raised.id, limit: { above: 6 } });
    expect(body.text).toBe(`Warning: Temperature above 6 °C, worst 7 °C, Room ${count} (${id})`);
    const letter = await mail.mails.take((each) => each.includes(id), 'an e-mail');
    expect(letter).toContain('To: shift@north.example');
    expect(JSON.parse((await peer.take(`fieldline/v1/devices/${id}/alarm`)).text)).toMatchObject({
      event: 'raised',
      id: raised.id,
    });

    await measure([10, 4]);
    const cleared = await told('cleared');
    expect(cleared).toMatchObject({ id: raised.id, end: 'well', worst: 7 });
    expect((cleared.clearedAt ?? 0) - (raised.raisedAt ?? 0)).toBeGreaterThan(0);
    await posted('alarm.cleared');
  });

  it('wait for their `for`, and stay raised in the dead band', async () => {
    await measure([-20_000, 9], [-16_000, 9]);
    expect(await alarms('&state=waiting')).toMatchObject([{ level: 'alarm', raisedAt: null }]);
    const other = await hub.http.addDevice(`${id}-b`, { profile: 'room' });
    const body = { values: { temperature: 9 } };
    await hub.http.request(`/api/v1/ingest/${id}-b`, { body, token: other });
    const page = await hub.http.get<Page<AlarmView>>('/api/v1/alarms?state=waiting&limit=1');
    expect(page).toMatchObject({ items: [{ device: `${id}-b` }], next: page.items[0]?.id });
    await measure([-15_000, 9.5], [-14_000, 7.8]);
    expect(await alarms('&level=alarm')).toMatchObject([
      { state: 'raised', worst: 9.5, limit: { for: 5_000 } },
    ]);
    await measure([-13_000, 7.5]);
    expect(await alarms('&level=alarm')).toMatchObject([{ state: 'cleared' }]);
  });

  it('of a backlog are past: marked, shown, and nobody is called', async () => {
    await measure([0, 5]);
    await measure([-600_000, 7], [-590_000, 9], [-580_000, 9], [-570_000, 4]);
    const items = await alarms();
    expect(items.map(({ level, state, past }) => [level, state, past]).sort()).toEqual([
      ['alarm', 'cleared', true],
      ['warn', 'cleared', true],
    ]);
    await measure([-600_000, 7], [-590_000, 9], [-580_000, 9], [-570_000, 4]);
    expect((await alarms()).filter(({ level }) => level === 'alarm')).toHaveLength(1);
    expect(JSON.parse((await peer.take(`fieldline/v1/devices/${id}/alarm`)).text)).toMatchObject({
      event: 'past',
    });
    const [first] = items;
    const detail = await hub.http.get<AlarmDetail>(`/api/v1/alarms/${first?.id}`);
    expect(new Set(detail.deliveries.map(({ channel }) => channel))).toEqual(new Set(['mqtt']));
  });

  it('survive a kill right after the reading: none is lost, none doubled, and what is owed is told', async () => {
    hooks.status = 503;
    await mail.close();
    await measure([0, 7]);
    await hub.kill9();
    await peer.close();
    viewer.socket.terminate();
    await hub.start();
    await watch();
    expect(await alarms()).toMatchObject([{ state: 'raised' }]);
    await hub.kill9();
    await hub.start();
    await watch();
    expect(await alarms()).toHaveLength(1);
    await hooks.posted.take(({ status, body }) => status === 503 && body.alarm?.device === id, 'a try');
    const { items } = await hub.http.get<Page<{ channel: string; owed: number }>>('/api/v1/alarms/channels');
    expect(items.find(({ channel }) => channel === 'webhook')?.owed).toBeGreaterThan(0);

    hooks.status = 200;
    await mail.open();
    await posted('alarm.raised');
    await mail.mails.take((each) => each.includes(id), 'the e-mail that was owed');
  });

  it('do not follow a redirect, and say over the API why a channel fails', async () => {
    hooks.status = 307;
    hooks.location = hooks.url;
    const test = await hub.http.request('/api/v1/alarms/channels/webhook/test', { method: 'POST' });
    expect(test.status).toBe(502);
    expect(test.json()).toMatchObject({ code: 'channel_failed' });
    expect(test.text).toContain('redirect');
    expect(test.text).not.toContain('key=secret');
    Object.assign(hooks, { status: 200, location: undefined });
    const again = await hub.http.request('/api/v1/alarms/channels/webhook/test', { method: 'POST' });
    expect(again.status).toBe(200);
  });

  it('are acknowledged by operators, once, by name, with a note, audited', async () => {
    await measure([0, 7]);
    const { id: alarm } = await told('raised');
    const path = `/api/v1/alarms/${alarm}/acknowledge`;
    const viewing = await hub.http.request('/api/v1/tokens', {
      body: { name: `eye-${count}`, role: 'viewer' },
    });
    const asViewer = { body: {}, token: viewing.json<{ token: string }>().token };
    expect((await hub.http.request(path, asViewer)).status).toBe(403);
    const seen = await hub.http.request(path, { body: { note: 'door is open' } });
    expect(seen.json()).toMatchObject({
      state: 'acknowledged',
      note: 'door is open',
      acknowledgedBy: 'admin',
    });
    expect(await told('acknowledged')).toMatchObject({ id: alarm });
    const audit = await hub.http.get<Page<object>>(`/api/v1/audit?subject=alarm:${alarm}`);
    expect(audit.items).toMatchObject([{ action: 'alarm.acknowledged', result: 'ok' }]);
    const wrong = await hub.http.request('/api/v1/alarms/acknowledge', {
      body: { ids: [alarm, '0'.repeat(26)] },
    });
    expect(wrong.json()).toMatchObject({ code: 'unknown_alarm' });
  });

  it('are listed and acknowledged on the command line', async () => {
    const env = { FIELDLINE_URL: hub.url, FIELDLINE_API_TOKEN: ADMIN_TOKEN };
    await measure([0, 7]);
    const [raised] = await alarms();
    const listed = await fieldline(['alarms', '--device', id], env);
    expect(listed.stdout).toMatch(new RegExp(`${raised?.id} +warn raised +${id} +temperature above 6 +7 `));
    const seen = await fieldline(['alarms', 'ack', raised?.id ?? '', '--note', 'on my way', '--json'], env);
    expect(JSON.parse(seen.stdout)).toMatchObject({ state: 'acknowledged', note: 'on my way' });
    const json = await fieldline(['alarms', '-d', id, '--state', 'acknowledged', '--json'], env);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: raised?.id, acknowledgedBy: 'admin' });
    expect((await fieldline(['alarms', 'ack', '0'.repeat(26)], env)).code).toBe(5);
  });

  it('tell of silence, and end with their device', async () => {
    id = `quick-${count}`;
    token = await hub.http.addDevice(id, { profile: 'quick' });
    await hub.http.request(`/api/v1/ingest/${id}`, { body: { values: { x: 1 } }, token });
    expect(await told('raised')).toMatchObject({ level: 'stale', metric: null, limit: { silence: 750 } });
    await hub.http.request(`/api/v1/devices/${id}`, { method: 'DELETE' });
    expect(await told('cleared')).toMatchObject({ end: 'device_deleted' });
  });

  it('are counted', async () => {
    const metrics = (await hub.http.request('/metrics')).text;
    expect(metrics).toMatch(/fieldline_alarms\{level="warn",state="raised"\} [1-9]/);
    expect(metrics).toMatch(/fieldline_alarm_messages_total\{channel="webhook",result="sent"\} [1-9]/);
  });
});
