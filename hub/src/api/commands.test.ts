import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NotingLink } from '../commands/commands.fixture.js';
import { type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;
let link: NotingLink;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.registry.create({ id: 'r1' });
  link = new NotingLink();
  api.commands.welcomed('r1', link);
});
afterEach(() => {
  api.commands.gone('r1', link);
  api.reset();
});

const post = (payload: object, { query = '', headers = {} } = {}) =>
  call(api.app, {
    method: 'POST',
    url: `/api/v1/devices/r1/commands${query}`,
    headers: { ...api.as('operator'), ...headers },
    payload,
  });
const get = (url: string) =>
  call(api.app, { method: 'GET', url: `/api/v1${url}`, headers: api.as('viewer') });
const answer = (id: string) => api.commands.answered('r1', { id, status: 'ok' });

describe('POST /devices/:id/commands', () => {
  it('answers 202 with the command on its way', async () => {
    const given = await post({ name: 'relay.set', params: { on: true } });
    expect(given.statusCode).toBe(202);
    const command = given.json();
    expect(command).toMatchObject({
      state: 'sent',
      device: 'r1',
      by: 'a operator',
      ttl: 10_000,
      queue: false,
    });
    expect(given.headers.location).toBe(`/api/v1/commands/${command.id}`);
    expect(link.frames).toMatchObject([{ id: command.id, params: { on: true } }]);
    answer(command.id);
  });

  it('answers 200 when it has ended within the wait, 202 when it has not', async () => {
    const waiting = post({ name: 'a' }, { query: '?wait=5000' });
    while (link.frames.length === 0) await new Promise(setImmediate);
    answer(link.frames[0]?.id ?? '');
    const ended = await waiting;
    expect([ended.statusCode, ended.json().state]).toEqual([200, 'succeeded']);
    const late = await post({ name: 'a' }, { query: '?wait=1' });
    expect([late.statusCode, late.json().state]).toEqual([202, 'sent']);
    answer(late.json().id);
  });

  it('happens once for one Idempotency-Key, and refuses another body under it', async () => {
    const headers = { ...api.as('operator'), 'idempotency-key': 'k-1' };
    const first = await post({ name: 'a' }, { headers });
    answer(first.json().id);
    const again = await post({ name: 'a' }, { headers });
    expect(again.json().id).toBe(first.json().id);
    expect(link.frames).toHaveLength(1);
    const other = await post({ name: 'b' }, { headers });
    expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_conflict' });
    const bad = await post({ name: 'b' }, { headers: { ...headers, 'idempotency-key': 'ä' } });
    expect(bad.json()).toMatchObject({ status: 422, code: 'validation_failed' });
  });

  it.each([
    [{}, 'validation_failed', 422],
    [{ name: '__proto__' }, 'unknown_command', 422],
    [{ name: 'a', params: { x: {} } }, 'validation_failed', 422],
    [{ name: 'a', ttl: 0 }, 'validation_failed', 422],
    [{ name: 'a', when: 'now' }, 'validation_failed', 422],
    [{ name: 'a', params: { x: 'y'.repeat(257) } }, 'bad_params', 422],
    [
      {
        name: 'a',
        params: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`p${n}`, 'y'.repeat(200)])),
      },
      'too_large',
      422,
    ],
  ])('refuses %j', async (body, code, status) => {
    expect((await post(body)).json()).toMatchObject({ code, status });
    expect(link.frames).toEqual([]);
  });

  it('says that a device is offline, and keeps what is to be queued', async () => {
    api.commands.gone('r1', link);
    expect((await post({ name: 'a' })).json()).toMatchObject({ status: 409, code: 'device_offline' });
    const queued = (await post({ name: 'a', queue: true })).json();
    expect(queued).toMatchObject({ state: 'queued', ttl: 3_600_000 });
    const headers = api.as('operator');
    const url = `/api/v1/commands/${queued.id}`;
    expect((await call(api.app, { method: 'DELETE', url, headers })).json()).toMatchObject({
      state: 'cancelled',
    });
    const again = await call(api.app, { method: 'DELETE', url, headers });
    expect(again.json()).toMatchObject({ status: 409, code: 'already_sent' });
    const nothing = await call(api.app, { method: 'DELETE', url: '/api/v1/commands/', headers });
    expect(nothing.json()).toMatchObject({ status: 404, detail: 'no id of a command was given' });
  });
});

describe('reading commands', () => {
  it('lists them newest first, page by page, by device and by state', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { id } = (await post({ name })).json();
      answer(id);
      ids.unshift(id);
    }
    const first = (await get('/devices/r1/commands?limit=2')).json();
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    const rest = (await get(`/devices/r1/commands?limit=2&cursor=${first.next}`)).json();
    expect([rest.items.length, rest.items[0].id, rest.next]).toEqual([1, ids[2], null]);
    expect((await get('/commands?state=succeeded')).json().items.length).toBeGreaterThanOrEqual(3);
    expect((await get('/commands?state=sent')).json().items).toEqual([]);
    expect((await get(`/commands/${ids[0]}`)).json()).toMatchObject({ id: ids[0], state: 'succeeded' });
    expect((await get('/commands/a%00b')).json()).toMatchObject({ status: 404 });
    expect((await get('/commands?cursor=a%00b')).json()).toMatchObject({ status: 422 });
    expect((await get('/commands/nothing')).json()).toMatchObject({ status: 404 });
    const [fault] = (await get('/commands?stat=sent')).json().errors;
    expect(fault.message).toBe('is not known here; known: limit, cursor, state');
    expect((await get('/devices?tags.site=x')).json().errors[0].message).toMatch(/ tag\.…$/);
    expect((await get('/devices/nobody/commands')).json()).toMatchObject({ status: 404 });
  });

  it('the audit tells who gave it, and from where', async () => {
    const { id } = (await post({ name: 'a' })).json();
    answer(id);
    const url = '/api/v1/audit?action=command&subject=device:r1&limit=3';
    const entries = (await call(api.app, { method: 'GET', url, headers: api.as('admin') })).json();
    expect(
      entries.items.map(({ action, actor }: { action: string; actor: string }) => [action, actor]),
    ).toEqual([
      ['command.succeeded', 'device:r1'],
      ['command.sent', 'token:a operator'],
      ['command.queued', 'token:a operator'],
    ]);
    expect(entries.items[2]).toMatchObject({
      address: '127.0.0.1',
      result: 'ok',
      details: { id, name: 'a' },
    });
  });
});
