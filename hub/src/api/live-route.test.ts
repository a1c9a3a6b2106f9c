import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { bearer, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;
let base: string;

beforeAll(async () => {
  api = await openApi();
  base = await api.listen();
});
afterAll(() => api.close());
beforeEach(() => api.reset());

/** Connects and resolves with the first message, or with the status of the refusal and its problem. */
async function connect(
  path: string,
  options: ClientOptions = {},
): Promise<{ hello: string } | { status: number; code: string }> {
  const socket = new WebSocket(`${base.replace('http', 'ws')}${path}`, options);
  const message = once(socket, 'message');
  const refusal = once(socket, 'unexpected-response');
  const [first, second] = await Promise.race([message, refusal]);
  if (Buffer.isBuffer(first)) {
    socket.terminate();
    return JSON.parse(first.toString());
  }
  const body = (await second.toArray()).join('');
  return { status: second.statusCode, code: JSON.parse(body).code };
}

async function cookie(): Promise<string> {
  const payload = { code: api.access.createLoginLink().code };
  const answer = await call(api.app, { method: 'POST', url: '/api/v1/session', payload });
  return `fieldline_session=${answer.cookies[0]?.value}`;
}

async function ticket(): Promise<string> {
  const answer = await call(api.app, { method: 'POST', url: '/api/v1/tickets', headers: api.as('operator') });
  expect(answer.statusCode).toBe(201);
  return answer.json().ticket;
}

describe('the viewer socket', () => {
  it('opens with an API token', async () => {
    expect(await connect('/ws/v1/live', { headers: api.as('viewer') })).toEqual({ hello: 'a viewer' });
    expect(api.outside.attached[0]).toMatchObject({ kind: 'token', role: 'viewer' });
  });

  it('opens with a ticket, once, with the role of its creator', async () => {
    const path = `/ws/v1/live?ticket=${await ticket()}`;
    // A look at the address uses nothing up.
    const look = await fetch(`${base}${path}`);
    expect(look.status).toBe(426);
    expect(look.headers.get('upgrade')).toBe('websocket');
    expect(await connect(path)).toEqual({ hello: 'a operator' });
    expect(await connect(path)).toEqual({ status: 401, code: 'unauthorized' });
  });

  it('opens with a cookie for a page of ours only', async () => {
    const headers = { cookie: await cookie() };
    expect(await connect('/ws/v1/live', { headers, origin: base })).toEqual({ hello: 'admin' });
    for (const origin of [undefined, 'http://evil.example', 'http://localhost:1', 'null']) {
      const options = origin === undefined ? { headers } : { headers, origin };
      expect(await connect('/ws/v1/live', options)).toEqual({ status: 403, code: 'bad_origin' });
    }
  });

  it('opens to nobody else', async () => {
    const refused = { status: 401, code: 'unauthorized' };
    expect(await connect('/ws/v1/live')).toEqual(refused);
    expect(await connect('/ws/v1/live', { headers: bearer('wrong') })).toEqual(refused);
    expect(await connect('/ws/v1/live?ticket=wrong', { headers: api.as('admin') })).toEqual(refused);
    expect(
      await connect('/ws/v1/live', { headers: { cookie: 'fieldline_session=x' }, origin: base }),
    ).toEqual(refused);
    api.registry.create({ id: 'a-1' });
    const { token } = api.deviceTokens.create('a-1');
    expect(await connect('/ws/v1/live', { headers: bearer(token) })).toEqual(refused);
    expect(api.outside.attached).toEqual([]);
  });

  it('is not served under another name', async () => {
    const headers = { ...api.as('viewer'), host: 'evil.example' };
    expect(await connect('/ws/v1/live', { headers })).toEqual({ status: 421, code: 'wrong_host' });
  });

  it('leaves no ticket in the log', async () => {
    const secret = await ticket();
    await connect(`/ws/v1/live?ticket=${secret}`);
    await connect(`/ws/v1/live?ticket=${secret}`);
    expect(api.logLines.join('')).not.toContain(secret);
  });
});

describe('an upgrade', () => {
  it('is refused where there is no socket', async () => {
    const headers = api.as('viewer');
    expect(await connect('/api/v1/devices', { headers })).toEqual({ status: 400, code: 'bad_upgrade' });
    expect(await connect('/nowhere', { headers })).toEqual({ status: 400, code: 'bad_upgrade' });
  });

  it('offers no compression, and no subprotocol but ours', async () => {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/ws/v1/live`, ['arduino'], {
      headers: api.as('viewer'),
    });
    socket.on('error', () => {});
    const [response] = await once(socket, 'upgrade');
    expect(response.headers).not.toHaveProperty('sec-websocket-protocol');
    expect(response.headers).not.toHaveProperty('sec-websocket-extensions');
    socket.terminate();
    const own = new WebSocket(`${base.replace('http', 'ws')}/ws/v1/live`, ['x', 'fieldline.v1.json'], {
      headers: api.as('viewer'),
    });
    await once(own, 'open');
    expect(own.protocol).toBe('fieldline.v1.json');
    own.terminate();
  });
});
