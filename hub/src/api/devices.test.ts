import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FieldlineError } from '../errors.js';
import { NOW, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
});

describe('POST /devices', () => {
  const request = (payload: object | string) =>
    ({ method: 'POST', url: '/api/v1/devices', headers: api.as('admin'), payload }) as const;

  it('registers a device with a first token, once', async () => {
    const device = { id: 'esp-7f3a', profile: 'env-sensor', name: 'Küche', tags: { site: 'north' } };
    const made = await call(api.app, request(device));
    expect(made.statusCode).toBe(201);
    expect(made.headers.location).toBe('/api/v1/devices/esp-7f3a');
    expect(made.json()).toMatchObject({
      device: { ...device, online: false },
      token: expect.stringMatching(/^fld_/),
    });

    const again = await call(api.app, request(device));
    expect(again.statusCode).toBe(409);
    expect(again.json()).toMatchObject({ code: 'device_exists', status: 409, title: 'Conflict' });
  });

  it('registers nothing when no token can be made for it', async () => {
    const failing = vi.spyOn(api.deviceTokens, 'create').mockImplementation(() => {
      throw new FieldlineError('state_unwritable', 'full', { status: 503, retryAfterMs: 5_000 });
    });
    expect((await call(api.app, request({ id: 'a-9' }))).statusCode).toBe(503);
    expect(api.registry.has('a-9')).toBe(false);
    failing.mockRestore();
    expect((await call(api.app, request({ id: 'a-9' }))).statusCode).toBe(201);
  });

  it.each([
    [{}, 'body.id', 'is missing'],
    [{ id: '-x' }, 'body.id', 'must match pattern'],
    [{ id: 7 }, 'body.id', 'must be string'],
    [{ id: 'x', colour: 'red' }, 'body.colour', 'is not known here'],
    [{ id: 'x', tags: { site: 7 } }, 'body.tags.site', 'must be string'],
    [{ id: 'x', name: 'ü'.repeat(65) }, 'body.name', 'must match format "text"'],
    [{ id: 'x', profile: 'toaster' }, 'body.profile', 'must be the name of a profile: env-sensor'],
  ])('refuses %j and says which part', async (payload, path, message) => {
    const answer = await call(api.app, request(payload));
    expect(answer.statusCode).toBe(422);
    expect(answer.json().code).toBe('validation_failed');
    expect(answer.json().errors[0].path).toBe(path);
    expect(answer.json().errors[0].message).toContain(message);
    expect(api.registry.size).toBe(0);
  });
});

describe('GET /devices', () => {
  beforeEach(() => {
    api.registry.create({ id: 'a-1', tags: { site: 'north', floor: '2' } });
    api.registry.create({ id: 'a-2', tags: { site: 'south' } });
    api.registry.create({ id: 'b-1', tags: { site: 'north' } });
  });
  const ids = async (query: string) => {
    const answer = await call(api.app, { url: `/api/v1/devices${query}`, headers: api.as('viewer') });
    expect(answer.statusCode).toBe(200);
    return answer.json().items.map(({ id }: { id: string }) => id);
  };

  it('filters', async () => {
    expect(await ids('')).toEqual(['a-1', 'a-2', 'b-1']);
    expect(await ids('?online=true')).toEqual([]);
    expect(await ids('?online=false&tag.site=north')).toEqual(['a-1', 'b-1']);
    expect(await ids('?tag.site=north&tag.floor=2')).toEqual(['a-1']);
    expect(await ids('?q=b')).toEqual(['b-1']);
  });

  it('takes an empty parameter as absent', async () => {
    expect(await ids('?online=&tag.site=&q=')).toHaveLength(3);
  });

  it('goes page by page', async () => {
    const first = await call(api.app, { url: '/api/v1/devices?limit=2', headers: api.as('viewer') });
    const { items, next } = first.json();
    expect(items).toHaveLength(2);
    expect(await ids(`?limit=2&cursor=${next}`)).toEqual(['b-1']);
  });

  it.each(['online=maybe', 'limit=0', 'limit=1001', 'limit=x', 'limit=1&limit=2', 'colour=red', 'tag.=x'])(
    'refuses ?%s',
    async (query) => {
      const answer = await call(api.app, { url: `/api/v1/devices?${query}`, headers: api.as('viewer') });
      expect(answer.statusCode).toBe(422);
      expect(answer.json().errors[0].path).toBe(`query.${query.replace(/=.*$/, '')}`);
    },
  );
});

describe('one device', () => {
  beforeEach(() => {
    api.registry.create({ id: 'a-1', name: 'old', profile: 'env-sensor' });
  });

  it('is shown with everything known of it', async () => {
    api.seen('a-1', 'temperature', 21.5);
    const answer = await call(api.app, { url: '/api/v1/devices/a-1', headers: api.as('viewer') });
    expect(answer.json()).toEqual(api.devices.view('a-1'));
    expect(answer.json().metrics).toEqual({
      temperature: { type: 'number', unit: 'Cel', time: NOW, value: 21.5 },
    });
  });

  it('is changed by operators, where the change says so', async () => {
    const request = {
      method: 'PATCH',
      url: '/api/v1/devices/a-1',
      headers: api.as('operator'),
    } as const;
    const renamed = await call(api.app, { ...request, payload: { name: 'new' } });
    expect(renamed.json()).toMatchObject({ name: 'new', profile: 'env-sensor' });
    const cleared = await call(api.app, { ...request, payload: { profile: null, disabled: true } });
    expect(cleared.json()).toMatchObject({ name: 'new', profile: null, disabled: true });
    expect((await call(api.app, { ...request, payload: {} })).statusCode).toBe(422);
    expect((await call(api.app, { ...request, payload: { id: 'b' } })).statusCode).toBe(422);
    expect((await call(api.app, { ...request, payload: { disabled: 'true' } })).statusCode).toBe(422);
  });

  it('is removed by admins', async () => {
    const request = { method: 'DELETE', url: '/api/v1/devices/a-1' } as const;
    expect((await call(api.app, { ...request, headers: api.as('operator') })).statusCode).toBe(403);
    expect((await call(api.app, { ...request, headers: api.as('admin') })).statusCode).toBe(204);
    expect(api.registry.has('a-1')).toBe(false);
  });

  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['GET', '/tokens'],
    ['POST', '/tokens'],
    ['DELETE', '/tokens/t1'],
    ['GET', '/quarantine'],
    ['GET', '/log'],
    ['GET', '/telemetry?metric=temperature'],
  ] as const)('is 404 when nobody knows it: %s …%s', async (method, rest) => {
    const payload = method === 'PATCH' ? { name: 'x' } : method === 'POST' ? {} : undefined;
    const request = { method, url: `/api/v1/devices/nobody${rest}`, headers: api.as('admin') };
    const answer = await call(api.app, payload === undefined ? request : { ...request, payload });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'not_found', detail: 'no device nobody' });
  });
});
