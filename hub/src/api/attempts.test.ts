import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ADMIN_TOKEN, bearer, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;
let url: string;

beforeAll(async () => {
  api = await openApi();
  url = await api.listen();
});
afterAll(() => api.close());
beforeEach(() => api.reset());

/** The newest attempt, as an operator sees it. */
const newest = async (query = '') => {
  const answer = await call(api.app, { url: `/api/v1/attempts${query}`, headers: api.as('operator') });
  expect(answer.statusCode).toBe(200);
  return answer.json().items[0];
};
const post = (path: string, headers: Record<string, string>, body = '{}') =>
  fetch(url + path, { method: 'POST', headers, body });
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

it('tell of a wrong token, by the id of the path or of the log-in', async () => {
  await post('/api/v1/ingest/a-1', bearer('fld_short'));
  expect(await newest()).toMatchObject({
    ...{ kind: 'bad_token', device: 'a-1', via: 'http', code: 'unauthorized' },
    ...{ tokenFault: 'cut_off', tokenLength: 9, address: '127.0.0.1' },
  });
  await post('/api/v1/ingest/a-2', {});
  expect(await newest()).toMatchObject({ kind: 'no_token', device: 'a-2', tokenFault: null });
});

it('tell of the token of another device', async () => {
  api.registry.create({ id: 'a-1' });
  const { token } = api.deviceTokens.create('a-1');
  await post('/api/v1/ingest/a-3', bearer(token));
  expect(await newest()).toMatchObject({ kind: 'bad_token', device: 'a-3', code: 'forbidden' });
  expect(JSON.stringify(await newest())).not.toContain(token.slice(4));
});

it('tell of a body that is no JSON', async () => {
  api.registry.create({ id: 'a-1' });
  const { token } = api.deviceTokens.create('a-1');
  await post('/api/v1/ingest/a-1', bearer(token), '{"values":{"temperature":nan}}');
  expect(await newest()).toMatchObject({ kind: 'malformed', device: 'a-1', code: 'malformed_json' });
});

it.each(['/ws', '/', '/ws/v1/devices', '/api/v1/devices'])('tell of a socket at %s', async (path) => {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers: basic('a-1', 'x') });
  await new Promise((resolve) => socket.once('error', resolve));
  expect(await newest()).toMatchObject({ kind: 'wrong_path', via: 'ws', device: 'a-1', detail: path });
});

it('tell of a body that is sent to where nothing is, also under a foreign name', async () => {
  await post('/ingest/a-1?token=hunter2', {});
  expect(await newest()).toMatchObject({ kind: 'wrong_path', via: 'http', detail: '/ingest/a-1' });
  await call(api.app, { method: 'POST', url: '/telemetry', headers: { host: 'hub.lan' }, payload: {} });
  expect(await newest()).toMatchObject({ kind: 'wrong_path', detail: '/telemetry', code: 'wrong_host' });
});

it.each([
  ['TLS', Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 1, 0, 0, 1, 3]), 'tls_on_plain'],
  ['MQTT', Buffer.from([0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0]), 'mqtt_on_http'],
])('tell of %s at the port for HTTP', async (_name, bytes, kind) => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
  await new Promise((resolve) => socket.resume().once('close', resolve));
  expect(await newest()).toMatchObject({ kind, via: 'tcp', device: null });
});

it('do not tell of what people and programs do', async () => {
  const before = await newest();
  await fetch(`${url}/favicon.png`);
  await fetch(`${url}/api/v1/devices`);
  await fetch(`${url}/api/v1/devices/nobody/commands`, { method: 'POST', headers: bearer(ADMIN_TOKEN) });
  expect(await newest()).toEqual(before);
});

it('are those of one device, of none, and of names that nobody has', async () => {
  api.registry.create({ id: 'a-1' });
  api.registry.create({ id: 'a-2' });
  await post('/api/v1/ingest/a-9', bearer('wrong'));
  await post('/api/v1/ingest/a-2', bearer('wrong'));
  expect(await newest()).toMatchObject({ device: 'a-2' });
  expect(await newest('?device=a-1')).toMatchObject({ device: 'a-9' });
  expect(await newest('?device=a-2')).toMatchObject({ device: 'a-2' });
  expect(await newest('?since=9999999999999')).toBeUndefined();
});
