import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FieldlineError } from '../errors.js';
import { bearer, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;
let token: string;

beforeAll(async () => {
  api = await openApi({ FIELDLINE_HTTP_BODY_BYTES: '65536' });
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  api.registry.create({ id: 'a-1' });
  api.registry.create({ id: 'a-2' });
  token = api.deviceTokens.create('a-1').token;
});

const MESSAGE = { boot: 'b1', seq: 1, values: { temperature: 21.5 } };

const post = (payload: unknown, headers: Record<string, string> = {}, device = 'a-1') =>
  call(api.app, {
    method: 'POST',
    url: `/api/v1/ingest/${device}`,
    headers: { ...bearer(token), 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

describe('telemetry over HTTP', () => {
  it('is handed on, and answered with what became of it', async () => {
    const rejected = [{ index: 0, metric: 'door', code: 'type_conflict', message: 'boolean expected' }];
    api.outside.answer = { accepted: 1, duplicates: 0, rejected };
    const answer = await post(MESSAGE);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ accepted: 1, duplicates: 0, rejected });
    expect(api.outside.submitted).toEqual([{ device: 'a-1', messages: [MESSAGE] }]);
  });

  it('is shown to those who watch the wire, with its answer and without a token', async () => {
    await post(MESSAGE);
    expect(api.outside.shown).toEqual([]);
    api.outside.watched = 'a-1';
    const said = '{"values":{"temperature":21.5},"token":"fld_secret"}';
    await post(said);
    expect(api.outside.shown).toMatchObject([
      { device: 'a-1', direction: 'in', via: 'http', bytes: said.length },
      { device: 'a-1', direction: 'out', via: 'http' },
    ]);
    expect(api.outside.shown[0]?.frame).toBe('{"values":{"temperature":21.5},"token":"…"}');
    expect(JSON.parse(api.outside.shown[1]?.frame ?? '')).toMatchObject({ accepted: 1 });
  });

  it('comes as an array too', async () => {
    await post([MESSAGE, { ...MESSAGE, seq: 2 }]);
    expect(api.outside.submitted[0]?.messages).toHaveLength(2);
    // Whether an element is a message is for the checks of each message to say.
    expect((await post([7, null, 'x'])).statusCode).toBe(200);
  });

  it.each([[[]], [Array.from({ length: 1_001 }, () => ({}))]])(
    'is not taken in wrong numbers',
    async (payload) => {
      expect((await post(payload)).json()).toMatchObject({ status: 422, code: 'validation_failed' });
      expect(api.outside.submitted).toEqual([]);
    },
  );

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream'])(
    'is JSON under whatever name: %s',
    async (type) => {
      expect((await post(MESSAGE, { 'content-type': type })).statusCode).toBe(200);
    },
  );

  it.each(['', '{"values":{"t":nan}}', '{"values":{"t":1e400}}', '{"__proto__":{}}'])(
    'is refused when it is no JSON: %s',
    async (payload) => {
      expect((await post(payload)).json()).toMatchObject({ status: 400, code: 'malformed_json' });
    },
  );

  it('is refused when it is too large', async () => {
    expect((await post('x'.repeat(70_000))).json()).toMatchObject({ status: 413, code: 'body_too_large' });
  });

  it('is told to come again when nothing can be stored', async () => {
    api.outside.failure = new FieldlineError('journal_unavailable', 'full', {
      status: 503,
      retryAfterMs: 2_000,
    });
    const answer = await post(MESSAGE);
    expect(answer.json()).toMatchObject({ status: 503, code: 'journal_unavailable' });
    expect(answer.headers['retry-after']).toBe('2');
  });
});

describe('a device', () => {
  it('shows its token as Bearer or as Basic', async () => {
    expect((await post(MESSAGE)).statusCode).toBe(200);
    expect((await post(MESSAGE, basic('a-1', token))).statusCode).toBe(200);
  });

  it.each([
    ['no token', {}],
    ['a wrong token', bearer('fld_wrong')],
    ['half a header', { authorization: 'Bearer' }],
    ['no pair', { authorization: 'Basic ====' }],
  ])('with %s gets 401', async (_what, headers) => {
    const { authorization = '' } = headers as { authorization?: string };
    const answer = await post(MESSAGE, { authorization });
    expect(answer.json()).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(api.outside.submitted).toEqual([]);
  });

  it('with the token of another gets 401 or 403', async () => {
    expect((await post(MESSAGE, basic('a-2', token), 'a-2')).statusCode).toBe(401);
    expect((await post(MESSAGE, {}, 'a-2')).json()).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await post(MESSAGE, {}, 'nobody')).statusCode).toBe(403);
  });

  it('is not let in with an API token or a cookie', async () => {
    expect((await post(MESSAGE, api.as('admin'))).statusCode).toBe(401);
    const login = await call(api.app, {
      method: 'POST',
      url: '/api/v1/session',
      payload: { code: api.access.createLoginLink().code },
    });
    const cookie = `fieldline_session=${login.cookies[0]?.value}`;
    expect((await post(MESSAGE, { authorization: '', cookie })).statusCode).toBe(401);
  });

  it('that is disabled or revoked is turned away', async () => {
    api.registry.update('a-1', { disabled: true });
    expect((await post(MESSAGE)).statusCode).toBe(403);
    api.registry.update('a-1', { disabled: false });
    const [record] = api.deviceTokens.list('a-1');
    await call(api.app, {
      method: 'DELETE',
      url: `/api/v1/devices/a-1/tokens/${record?.id}`,
      headers: api.as('admin'),
    });
    expect((await post(MESSAGE)).statusCode).toBe(401);
  });

  it('is asked before its body is read', async () => {
    expect((await post('{"malformed', { authorization: '' })).statusCode).toBe(401);
  });
});

it('an address that failed too often has to wait; a device with its token does not', async () => {
  for (let attempt = 0; attempt < 10; attempt++) await post(MESSAGE, bearer('guess'));
  const answer = await post(MESSAGE, bearer('guess'));
  expect(answer.json()).toMatchObject({ status: 429, code: 'too_many_attempts' });
  expect(answer.headers).toHaveProperty('retry-after');
  expect((await post(MESSAGE)).statusCode).toBe(200);
});
