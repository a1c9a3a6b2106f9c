import type { IssuedToken, Page, TokenView } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient } from './kit/device-client.js';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { askForUpgrade } from './kit/upgrade.js';

const BOOT = { boot: 'b1', seq: 0 };

let hub: HubProcess;
let token: string;

beforeAll(async () => {
  hub = await startHub();
  token = await hub.http.addDevice('board');
});

afterAll(() => hub.dispose());

describe('the four ways to log in', () => {
  it('Authorization: Bearer', async () => {
    const device = await DeviceClient.connect(hub.url, { token });
    expect(await device.hello(BOOT)).toMatchObject({ type: 'welcome' });
    await device.close();
  });

  it('Authorization: Basic with the device id as user name', async () => {
    const basic = Buffer.from(`board:${token}`).toString('base64');
    const device = await DeviceClient.connect(hub.url, { headers: { authorization: `Basic ${basic}` } });
    expect(await device.hello(BOOT)).toMatchObject({ type: 'welcome' });
    await device.close();
  });

  it('a token in hello', async () => {
    const device = await DeviceClient.connect(hub.url);
    expect(await device.hello({ ...BOOT, token })).toMatchObject({ type: 'welcome' });
    await device.close();
  });

  it('?token= only where it is switched on, and never in a log', async () => {
    const path = `/ws/v1/device?token=${token}`;
    const stranger = await DeviceClient.connect(hub.url, { path });
    stranger.send({ temperature: 1 });
    expect((await stranger.end()).code).toBe(4401);

    const open = await startHub({
      env: { FIELDLINE_DEVICE_URL_TOKEN: 'true', FIELDLINE_LOG_LEVEL: 'debug' },
    });
    try {
      const own = await open.http.addDevice('board');
      const device = await DeviceClient.connect(open.url, { path: `/ws/v1/device?token=${own}` });
      expect(await device.hello(BOOT)).toMatchObject({ type: 'welcome' });
      await device.close();
      await open.stop();
      expect(open.output.lines.join('\n')).not.toContain(own);
    } finally {
      await open.dispose();
    }
  });

  it('and no cookie', async () => {
    const answer = await hub.http.request('/api/v1/session', {
      body: { username: 'admin', password: `fla_${'t'.repeat(43)}` },
      token: null,
    });
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(cookie).toMatch(/^fieldline_session=/);
    const device = await DeviceClient.connect(hub.url, { headers: { cookie, origin: hub.url } });
    device.send({ temperature: 1 });
    expect((await device.end()).code).toBe(4401);
  });
});

describe('the upgrade', () => {
  it('takes any Origin and Host, as ESP32 libraries send them', async () => {
    const headers = { authorization: `Bearer ${token}`, origin: 'file://', host: 'weather.example' };
    const { status, socket } = await askForUpgrade(hub.url, headers);
    socket.destroy();
    expect(status).toBe(101);
  });

  it.each([
    ['fieldline.v1.json', 'fieldline.v1.json'],
    ['arduino', undefined],
    ['arduino, fieldline.v1.json', 'fieldline.v1.json'],
    [undefined, undefined],
  ])('offered the subprotocol %s it answers %s', async (offered, answered) => {
    const { status, headers, socket } = await askForUpgrade(hub.url, {
      authorization: `Bearer ${token}`,
      ...(offered === undefined ? {} : { 'sec-websocket-protocol': offered }),
    });
    socket.destroy();
    expect(status).toBe(101);
    expect(headers['sec-websocket-protocol']).toBe(answered);
  });

  it('never negotiates permessage-deflate', async () => {
    const { status, headers, socket } = await askForUpgrade(hub.url, {
      authorization: `Bearer ${token}`,
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
    });
    socket.destroy();
    expect(status).toBe(101);
    expect(headers['sec-websocket-extensions']).toBeUndefined();
  });
});

describe('tokens', () => {
  it('may be several, and revoking one ends its connection only', async () => {
    const first = await hub.http.addDevice('rotating');
    const answer = await hub.http.request('/api/v1/devices/rotating/tokens', { body: { name: 'next' } });
    expect(answer.status).toBe(201);
    const second = answer.json<IssuedToken>().token;
    const device = await DeviceClient.connect(hub.url, { token: first });
    await device.hello(BOOT);

    const { items } = await hub.http.get<Page<TokenView>>('/api/v1/devices/rotating/tokens');
    const old = items.find(({ name }) => name !== 'next');
    const revoked = await hub.http.request(`/api/v1/devices/rotating/tokens/${old?.id}`, {
      method: 'DELETE',
    });
    expect(revoked.status).toBe(204);
    expect(await device.take('error')).toMatchObject({ code: 'unauthorized', fatal: true });
    expect((await device.end()).code).toBe(4401);

    const again = await DeviceClient.connect(hub.url, { token: second });
    expect(await again.hello(BOOT)).toMatchObject({ type: 'welcome' });
    await again.close();
  });
});
