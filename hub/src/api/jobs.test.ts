import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NotingLink } from '../commands/commands.fixture.js';
import { type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;
const link = new NotingLink();

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.registry.create({ id: 'r1', tags: { site: 'north' } });
  api.registry.create({ id: 'r2', tags: { site: 'north' } });
  api.commands.welcomed('r1', link);
});
afterEach(() => {
  api.commands.gone('r1', link);
  api.reset();
});

const post = (payload: object, headers: Record<string, string> = {}) =>
  call(api.app, {
    method: 'POST',
    url: '/api/v1/jobs',
    headers: { ...api.as('operator'), ...headers },
    payload,
  });
const get = async (url: string) =>
  (await call(api.app, { url: `/api/v1/jobs${url}`, headers: api.as('viewer') })).json();
const cancel = (id: string) =>
  call(api.app, { method: 'DELETE', url: `/api/v1/jobs/${id}`, headers: api.as('operator') });

describe('/jobs', () => {
  it('starts a job, tells how far it is, and ends it', async () => {
    const started = await post({ devices: { tags: { site: 'north' } }, name: 'identify', perSecond: 0.5 });
    expect(started.statusCode).toBe(202);
    const { id } = started.json();
    expect(started.headers.location).toBe(`/api/v1/jobs/${id}`);
    while (link.frames.length === 0) await new Promise(setImmediate);
    expect(await get(`/${id}`)).toMatchObject({
      ...{ state: 'running', devices: 2, by: 'a operator', queue: false, ttl: null, perSecond: 0.5 },
      counts: { sent: 1, waiting: 1 },
    });
    expect((await get('?limit=1')).items).toMatchObject([{ id }]);
    const [first] = (await get(`/${id}/devices?limit=1`)).items;
    expect(first).toEqual({
      ...{ device: 'r1', state: 'sent', error: null, verification: null },
      command: link.frames[0]?.id,
    });
    expect((await get(`/${id}/devices?state=waiting`)).items).toMatchObject([
      { device: 'r2', command: null },
    ]);
    const ended = await cancel(id);
    expect(ended.json()).toMatchObject({ state: 'cancelled', counts: { sent: 1, skipped: 1 } });
    expect((await cancel(id)).json()).toMatchObject({ status: 409, code: 'already_ended' });
    api.commands.answered('r1', { id: link.frames[0]?.id ?? '', status: 'ok' });
    expect((await get(`/${id}`)).finishedAt).toEqual(expect.any(Number));
  });

  it.each([
    [{ devices: ['r1'] }, 'validation_failed'],
    [{ devices: [], name: 'a' }, 'validation_failed'],
    [{ devices: {}, name: 'a' }, 'validation_failed'],
    [{ devices: { tags: {} }, name: 'a' }, 'validation_failed'],
    [{ devices: '*', name: 'a' }, 'validation_failed'],
    [{ devices: ['r1'], name: 'a', perSecond: 0 }, 'validation_failed'],
    [{ devices: ['r1'], name: 'a', abortAfterFailures: { percent: 0 } }, 'validation_failed'],
    [{ devices: ['nobody'], name: 'a' }, 'devices_unable'],
    [{ devices: { profile: 'env-sensor' }, name: 'a' }, 'no_devices'],
  ])('refuses %j', async (body, code) => {
    expect((await post(body)).json()).toMatchObject({ status: 422, code });
  });

  it('happens once for one Idempotency-Key, and does not know others', async () => {
    const body = { devices: ['r2'], name: 'identify', queue: true };
    const first = (await post(body, { 'idempotency-key': 'k' })).json();
    // Each call has a token of its own, and so another key.
    expect((await post(body, { 'idempotency-key': 'k' })).json().id).not.toBe(first.id);
    expect(await get('/nothing')).toMatchObject({ status: 404, code: 'not_found' });
    expect(await get('/a%00b/devices')).toMatchObject({ status: 404 });
    expect(await get(`/${first.id}/devices?cursor=x`)).toMatchObject({ status: 422, code: 'bad_cursor' });
    expect(await get('?cursor=a%00')).toMatchObject({ status: 422 });
  });
});
