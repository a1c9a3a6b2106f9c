import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FieldlineError } from '../errors.js';
import { ADMIN_TOKEN, bearer, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';
import { problemOf } from './problem.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi({ FIELDLINE_HTTP_BODY_BYTES: '2048' });
  api.registry.create({ id: 'a-1' });
  api.seen('a-1', 'temperature', 21.5);
});
afterAll(() => api.close());

const headers = { ...bearer(ADMIN_TOKEN), 'content-type': 'application/json' };
const post = (payload: string | Buffer, type = 'application/json') =>
  call(api.app, {
    method: 'POST',
    url: '/api/v1/devices',
    headers: { ...headers, 'content-type': type },
    payload,
  });

describe('a body', () => {
  it.each([
    ['{"id":', 'JSON'],
    ['{"id":"a","__proto__":{"x":1}}', '__proto__'],
    ['{"id":"a","tags":{"\\u005f_proto__":{}}}', '__proto__'],
    ['{"id":"a","constructor":{"prototype":{}}}', 'constructor'],
    ['{"id":1e400}', 'too large'],
    ['['.repeat(1000), 'JSON'],
    ['['.repeat(500) + ']'.repeat(500), 'nested too deeply'],
    [Buffer.from([0x22, 0xff, 0x22]), 'UTF-8'],
  ])('that is malformed is told so, like %#', async (payload, detail) => {
    const answer = await post(payload);
    expect(answer.json()).toMatchObject({ status: 400, code: 'malformed_json', title: 'Bad Request' });
    expect(answer.json().detail).toContain(detail);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('may be empty where none is needed, whatever its type says', async () => {
    const empty = { method: 'POST', headers, payload: '' } as const;
    expect((await call(api.app, { ...empty, url: '/api/v1/tickets' })).statusCode).toBe(201);
    expect((await call(api.app, { ...empty, url: '/api/v1/devices' })).json()).toMatchObject({
      status: 422,
      errors: [{ path: 'body', message: 'must be object' }],
    });
  });

  it('of another type gets 415, also the one that needs no preflight', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
      expect((await post('{"id":"b"}', type)).json()).toMatchObject({
        status: 415,
        code: 'unsupported_media_type',
      });
    }
  });

  it('may say its charset', async () => {
    expect((await post('{"id":"charset"}', 'application/json; charset=utf-8')).statusCode).toBe(201);
  });

  it('that is too large gets 413', async () => {
    expect((await post(JSON.stringify({ id: 'x'.repeat(3_000) }))).json()).toMatchObject({
      status: 413,
      code: 'body_too_large',
    });
  });
});

describe('an address', () => {
  it.each(['/api/v1/nothing', '/api/v2/devices', '/nothing', '/api/v1/devices/', '/ws/v1/other'])(
    'that is none gets 404: %s',
    async (url) => {
      expect((await call(api.app, { url, headers })).json()).toMatchObject({
        status: 404,
        code: 'not_found',
      });
    },
  );

  it('with another method gets 405 and is told which', async () => {
    const answer = await call(api.app, { method: 'PUT', url: '/api/v1/devices/a-1', headers, payload: '{}' });
    expect(answer.json()).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.allow).toBe('DELETE, GET, HEAD, PATCH');
  });

  it('that cannot be decoded gets 400', async () => {
    expect((await call(api.app, { url: '/api/v1/devices/%E0%A4', headers })).json()).toMatchObject({
      status: 400,
      code: 'bad_request',
    });
  });

  it('answers to HEAD as to GET, without a body', async () => {
    const answer = await api.app.inject({ method: 'HEAD', url: '/api/v1/devices', headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('');
  });
});

describe('a failure', () => {
  const request = { url: '/api/v1/devices/a-1/telemetry?metric=temperature', headers };

  it('of the hub tells nothing but where to look', async () => {
    api.outside.failure = new Error('secret path /var/lib');
    const answer = await call(api.app, request);
    api.outside.failure = null;
    expect(answer.json()).toMatchObject({ status: 500, code: 'internal' });
    expect(answer.json().instance).toMatch(/^urn:fieldline:request:/);
    expect(answer.body).not.toContain('secret');
    expect(api.logLines.join('')).toContain('secret path');
  });

  it('that wraps another tells its code, not its words', async () => {
    const cause = new Error('SQLITE_FULL');
    api.outside.failure = new FieldlineError('state_unwritable', '/data/state.sqlite', {
      status: 503,
      cause,
    });
    const answer = await call(api.app, request);
    api.outside.failure = null;
    expect(answer.json()).toMatchObject({ status: 503, code: 'state_unwritable' });
    expect(answer.body).not.toContain('/data');
    expect(api.logLines.join('')).toContain('/data/state.sqlite');
  });

  it('that passes says when to come again, in whole seconds', async () => {
    api.outside.failure = new FieldlineError('history_unavailable', 'busy', {
      status: 503,
      retryAfterMs: 1_500,
    });
    const answer = await call(api.app, request);
    api.outside.failure = null;
    expect(answer.json()).toMatchObject({ status: 503, code: 'history_unavailable', detail: 'busy' });
    expect(answer.headers['retry-after']).toBe('2');
  });

  it.each([undefined, null, 'text', 7, {}, new TypeError('x')])('of any kind has a code: %s', (thrown) => {
    expect(problemOf(thrown, 'req-1')).toMatchObject({ status: 500, code: 'internal' });
  });
});

describe('what is hardly HTTP', () => {
  let port: number;

  beforeAll(async () => {
    port = Number(new URL(await api.listen()).port);
  });

  /** Sends bytes as they are and resolves with everything that comes back until the hub hangs up. */
  async function send(text: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    socket.write(text);
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    await once(socket, 'close');
    return answer;
  }

  const code = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).code;

  it('is answered as a problem', async () => {
    const answer = await send('HELLO\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
    expect(code(answer)).toBe('bad_request');
  });

  it('may have too many headers', async () => {
    const answer = await send(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431 /);
    expect(code(answer)).toBe('headers_too_large');
  });

  it('may ask for HTTP/2 in passing, as Java does, and is told how not to', async () => {
    const answer = await send(
      `POST /api/v1/devices HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${ADMIN_TOKEN}\r\n` +
        'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n' +
        'Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"id":"x"}',
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('bad_upgrade');
  });
});
