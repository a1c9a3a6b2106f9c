import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bearer, NOW, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  api.registry.create({ id: 'a-1' });
});

const as = { admin: () => ({ headers: api.as('admin') }) };

describe.each([
  ['a device', '/api/v1/devices/a-1/tokens', {}],
  ['people and programs', '/api/v1/tokens', { role: 'operator' }],
])('tokens of %s', (_whose, url, extra) => {
  const make = (payload: object) =>
    call(api.app, { method: 'POST', url, ...as.admin(), payload: { ...extra, ...payload } });
  const list = async (query = '') => (await call(api.app, { url: `${url}${query}`, ...as.admin() })).json();

  it('are shown once, and listed without the secret', async () => {
    const made = await make({ name: 'spare', expiresAt: NOW + 1_000 });
    expect(made.statusCode).toBe(201);
    const { token, ...record } = made.json();
    expect(token).toMatch(/^fl[da]_/);
    expect(record).toMatchObject({
      ...extra,
      name: 'spare',
      createdAt: NOW,
      lastUsedAt: null,
      expiresAt: NOW + 1_000,
    });
    const listed = await list();
    expect(listed.items).toContainEqual(record);
    expect(JSON.stringify(listed)).not.toContain(token);
  });

  it('are listed page by page', async () => {
    for (const name of ['one', 'two', 'three']) await make({ name });
    const all = (await list()).items;
    const seen = [];
    for (let query = '?limit=1'; ; ) {
      const { items, next } = await list(query);
      seen.push(...items);
      if (next === null) break;
      query = `?limit=1&cursor=${next}`;
    }
    expect(seen).toEqual(all);
  });

  it('are revoked', async () => {
    const { id } = (await make({ name: 'spare' })).json();
    const request = { method: 'DELETE', url: `${url}/${id}`, ...as.admin() } as const;
    expect((await call(api.app, request)).statusCode).toBe(204);
    expect((await call(api.app, request)).json()).toMatchObject({ status: 404, code: 'token_not_found' });
  });

  it.each([
    { name: 'x'.repeat(129) },
    { name: 7 },
    { expiresAt: NOW - 1 },
    { expiresAt: '2027-01-01' },
    { secret: 'x' },
  ])('are not made from %j', async (payload) =>
    expect((await make({ name: 'x', ...payload })).statusCode).toBe(422),
  );
});

describe('API tokens', () => {
  it('are good until they are revoked', async () => {
    const made = await call(api.app, {
      method: 'POST',
      url: '/api/v1/tokens',
      ...as.admin(),
      payload: { name: 'grafana', role: 'viewer' },
    });
    const { token, id } = made.json();
    const whoAmI = { url: '/api/v1/session', headers: bearer(token) };
    expect((await call(api.app, whoAmI)).json()).toEqual({ name: 'grafana', role: 'viewer', kind: 'token' });
    await call(api.app, { method: 'DELETE', url: `/api/v1/tokens/${id}`, ...as.admin() });
    expect((await call(api.app, whoAmI)).statusCode).toBe(401);
  });

  it('keep the admin token', async () => {
    const { items } = (await call(api.app, { url: '/api/v1/tokens', ...as.admin() })).json();
    const request = { method: 'DELETE', url: `/api/v1/tokens/${items[0].id}`, ...as.admin() } as const;
    expect((await call(api.app, request)).json()).toMatchObject({ status: 409, code: 'admin_token' });
  });
});
