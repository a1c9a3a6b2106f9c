import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entriesOf } from '../state/state.fixture.js';
import { ADMIN_TOKEN, bearer, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

const ORIGIN = 'http://localhost:80';
const PASSWORD = 'correct horse battery';

let api: OpenApi;

beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const admin = bearer(ADMIN_TOKEN);
type Headers = Record<string, string>;

const users = (method: 'GET' | 'POST', payload?: object, headers: Headers = admin) =>
  call(api.app, { method, url: '/api/v1/users', headers, ...(payload && { payload }) });
const one = (method: 'PATCH' | 'DELETE', name: string, payload?: object, headers: Headers = admin) =>
  call(api.app, { method, url: `/api/v1/users/${name}`, headers, ...(payload && { payload }) });
const add = (username: string, role = 'operator') => users('POST', { username, password: PASSWORD, role });

async function logIn(username: string, password = PASSWORD): Promise<Headers> {
  const answer = await call(api.app, {
    method: 'POST',
    url: '/api/v1/session',
    payload: { username, password },
  });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return { cookie: `fieldline_session=${answer.cookies[0]?.value}`, origin: ORIGIN };
}

const whoAmI = (headers: Headers) => call(api.app, { url: '/api/v1/session', headers });
const audited = (action: string) => entriesOf(api.audit, { action });

describe('users', () => {
  it('are made, listed without passwords, log in, and are removed', async () => {
    const made = await add('ada');
    expect(made.statusCode).toBe(201);
    expect(made.headers.location).toBe('/api/v1/users/ada');
    expect(made.json()).toMatchObject({ username: 'ada', role: 'operator', lastUsedAt: null });
    expect((await users('GET')).json()).toEqual({ items: [made.json()], next: null });
    const ada = await logIn('ada');
    expect((await whoAmI(ada)).json()).toEqual({
      name: 'ada',
      role: 'operator',
      kind: 'session',
      user: true,
    });
    expect((await one('DELETE', 'ada')).statusCode).toBe(204);
    expect((await whoAmI(ada)).statusCode).toBe(401);
    expect((await one('DELETE', 'ada')).json()).toMatchObject({ status: 404, code: 'user_not_found' });
  });

  it('begin with the one-time link of the first start', async () => {
    const { code } = api.access.createLoginLink();
    const link = await call(api.app, { method: 'POST', url: '/api/v1/session', payload: { code } });
    const headers = { cookie: `fieldline_session=${link.cookies[0]?.value}`, origin: ORIGIN };
    const made = await users('POST', { username: 'root', password: PASSWORD, role: 'admin' }, headers);
    expect(made.statusCode).toBe(201);
    expect((await users('GET', undefined, await logIn('root'))).statusCode).toBe(200);
    expect(audited('user.created')).toMatchObject([{ actor: 'token:admin', subject: 'user:root' }]);
  });

  it('make links for themselves', async () => {
    await add('root', 'admin');
    const root = await logIn('root');
    const { code } = (
      await call(api.app, { method: 'POST', url: '/api/v1/session/links', headers: root })
    ).json();
    const link = await call(api.app, { method: 'POST', url: '/api/v1/session', payload: { code } });
    expect(link.json()).toEqual({ name: 'root', role: 'admin', kind: 'session', user: true });
    expect(audited('session.link_created')).toMatchObject([{ actor: 'user:root' }]);
    expect(JSON.stringify(entriesOf(api.audit))).not.toContain(code);
  });

  it.each([
    [{ username: 'ada', password: 'too short', role: 'viewer' }],
    [{ username: 'ada', password: 'x'.repeat(257), role: 'viewer' }],
    [{ username: 'ada', password: 'ä'.repeat(200), role: 'viewer' }],
    [{ username: 'a:b', password: PASSWORD, role: 'viewer' }],
    [{ username: 'ada', password: PASSWORD, role: 'root' }],
    [{ username: 'ada', password: PASSWORD }],
    [{ username: 'ada', role: 'viewer' }],
  ])('are not made from %j, and a password is not repeated', async (payload) => {
    const answer = await users('POST', payload);
    expect(answer.statusCode).toBe(422);
    if ('password' in payload && payload.password) expect(answer.body).not.toContain(payload.password);
  });

  it('have names of their own', async () => {
    await add('ada');
    expect((await add('Ada')).json()).toMatchObject({ status: 409, code: 'user_exists' });
  });

  it('keep a last admin', async () => {
    await add('root', 'admin');
    expect((await one('DELETE', 'root')).json()).toMatchObject({ status: 409, code: 'last_admin' });
    expect((await one('PATCH', 'root', { role: 'viewer' })).json()).toMatchObject({ code: 'last_admin' });
  });

  it('change their own password, with the current one', async () => {
    await add('ada', 'viewer');
    const [ada, elsewhere] = [await logIn('ada'), await logIn('ada')];
    const password = 'another long password';
    expect((await one('PATCH', 'ada', { password }, ada)).statusCode).toBe(422);
    const wrong = await one('PATCH', 'ada', { password, currentPassword: 'guess' }, ada);
    expect(wrong.json()).toMatchObject({ status: 403, code: 'bad_credentials' });
    expect((await one('PATCH', 'ada', { password, currentPassword: PASSWORD }, ada)).statusCode).toBe(200);
    expect((await whoAmI(ada)).statusCode).toBe(200);
    expect((await whoAmI(elsewhere)).statusCode).toBe(401);
    await logIn('ada', password);
    expect(audited('user.password')).toMatchObject([{ actor: 'user:ada', subject: 'user:ada' }]);
    expect(JSON.stringify(audited('user'))).not.toMatch(/horse|another/);
  });

  it('do not change others, or their own role', async () => {
    await add('ada');
    await add('bob');
    const ada = await logIn('ada');
    for (const [name, change] of [
      ['bob', { password: PASSWORD }],
      ['ada', { role: 'admin' }],
      ['nobody', { password: PASSWORD }],
    ] as const) {
      expect((await one('PATCH', name, change, ada)).json()).toMatchObject({ code: 'forbidden' });
    }
    // A token that happens to have the name of a user is not that user.
    const token = await call(api.app, {
      method: 'POST',
      url: '/api/v1/tokens',
      headers: admin,
      payload: { name: 'bob', role: 'operator' },
    });
    const change = { password: 'another long password', currentPassword: PASSWORD };
    expect((await one('PATCH', 'bob', change, bearer(token.json().token))).json()).toMatchObject({
      code: 'forbidden',
    });
  });

  it('are changed by an admin', async () => {
    await add('ada');
    const ada = await logIn('ada');
    expect((await one('PATCH', 'ada', { role: 'viewer' })).json()).toMatchObject({ role: 'viewer' });
    expect((await whoAmI(ada)).statusCode).toBe(401);
    expect((await one('PATCH', 'ada', { password: 'another long password' })).statusCode).toBe(200);
    expect((await whoAmI(await logIn('ada', 'another long password'))).json()).toMatchObject({
      role: 'viewer',
    });
    expect(audited('user.role')).toMatchObject([{ details: { role: 'viewer' } }]);
  });
});

describe('the audit', () => {
  it('tells who did what to tokens and devices, in the transaction that did it', async () => {
    const post = (url: string, payload: object) =>
      call(api.app, { method: 'POST', url, headers: admin, payload });
    const remove = (url: string) => call(api.app, { method: 'DELETE', url, headers: admin });
    await post('/api/v1/devices', { id: 'a-1', tags: { site: 'north' } });
    await call(api.app, {
      method: 'PATCH',
      url: '/api/v1/devices/a-1',
      headers: admin,
      payload: { name: 'x' },
    });
    const { id } = (await post('/api/v1/devices/a-1/tokens', { name: 'spare' })).json();
    await remove(`/api/v1/devices/a-1/tokens/${id}`);
    await remove('/api/v1/devices/a-1');
    const token = (await post('/api/v1/tokens', { name: 'ci', role: 'viewer' })).json();
    await remove(`/api/v1/tokens/${token.id}`);
    const entries = entriesOf(api.audit);
    expect(entries.map(({ action }) => action).reverse()).toEqual([
      'device.created',
      'device.updated',
      'device.token_created',
      'device.token_revoked',
      'device.deleted',
      'token.created',
      'token.revoked',
    ]);
    for (const entry of entries) expect(entry).toMatchObject({ actor: 'token:admin', address: '127.0.0.1' });
    expect(JSON.stringify(entries)).not.toMatch(/fl[ad]_/);
  });

  it.each(['csv', 'ndjson'] as const)('is exported as %s, whatever its length', async (format) => {
    for (let n = 0; n < 2_500; n += 1) {
      const action = n % 100 === 0 ? 'test.rare' : 'test.frequent';
      api.audit.add({ at: n, actor: '=1+1', action, subject: 'x', details: { n } });
    }
    const url = `/api/v1/audit/export?format=${format}&action=test.rare`;
    const { body, headers } = await call(api.app, { url, headers: admin });
    expect(headers['content-disposition']).toContain(`fieldline-audit.${format}`);
    const lines = body.trimEnd().split('\n');
    if (format === 'csv') {
      expect(lines.shift()).toBe('id,time,actor,address,action,subject,result,details');
      expect(lines[0]).toBe(`2401,1970-01-01T00:00:02.400Z,'=1+1,,test.rare,x,ok,"{""n"":2400}"`);
    } else expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id: 2_401, details: { n: 2_400 } });
    expect(lines).toHaveLength(25);
    expect(audited('audit')).toMatchObject([{ action: 'audit.exported', actor: 'token:admin' }]);
  });
});
