import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, bearer, type OpenApi, openApi } from './api.fixture.js';
import { call } from './described.fixture.js';

const ORIGIN = 'http://localhost:80';

let api: OpenApi;

beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const logIn = (payload: object, headers: Record<string, string> = {}) =>
  call(api.app, { method: 'POST', url: '/api/v1/session', payload, headers });

const password = { username: 'admin', password: ADMIN_TOKEN };

async function cookie(): Promise<string> {
  const answer = await logIn(password);
  return `fieldline_session=${answer.cookies[0]?.value}`;
}

describe('a log-in', () => {
  it('sets a cookie that scripts and other sites do not get', async () => {
    const answer = await logIn(password);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ name: 'admin', role: 'admin', kind: 'session' });
    expect(answer.headers['set-cookie']).toMatch(
      /^fieldline_session=[\w-]{20,}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
  });

  it('is for HTTPS only when the page came by HTTPS', async () => {
    await api.close();
    api = await openApi({ FIELDLINE_ORIGINS: 'https://hub.example' });
    const answer = await logIn(password, { host: 'hub.example', origin: 'https://hub.example' });
    expect(answer.headers['set-cookie']).toContain('; Secure');
  });

  it('works with a one-time link, once', async () => {
    const { code } = api.access.createLoginLink();
    expect((await logIn({ code })).statusCode).toBe(200);
    expect((await logIn({ code })).json()).toMatchObject({ status: 401, code: 'bad_credentials' });
  });

  it.each([
    [{ username: 'admin', password: 'wrong' }, 401],
    [{ username: 'root', password: ADMIN_TOKEN }, 401],
    [{ code: 'guess' }, 401],
    [{ token: ADMIN_TOKEN }, 422],
    [{ username: 'admin' }, 422],
    [{ ...password, code: 'x' }, 422],
    [{}, 422],
  ])('with %j is refused with %i', async (payload, status) => {
    const answer = await logIn(payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('is not guessed: who fails too often waits', async () => {
    for (let attempt = 0; attempt < 10; attempt++) await logIn({ username: 'admin', password: 'guess' });
    const answer = await logIn(password);
    expect(answer.json()).toMatchObject({ status: 429, code: 'too_many_attempts' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('is not shut by a flood of guesses from everywhere, at once, to who comes from a known place', async () => {
    await api.close();
    api = await openApi({ FIELDLINE_PROXY_TRUSTED: 'loopback' });
    const ada = { username: 'ada', password: 'correct horse battery' };
    const payload = { ...ada, role: 'admin' };
    await call(api.app, { method: 'POST', url: '/api/v1/users', headers: api.as('admin'), payload });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    const home = from('198.51.100.7');
    const before = await logIn(ada, home);
    expect(before.statusCode).toBe(200);
    const guess = (n: number) => logIn({ ...ada, password: `guess ${n}` }, from(`203.0.113.${n % 250}`));
    const flood = Array.from({ length: 250 }, (_, n) => guess(n));
    // From the same network, too: who shares it with her cannot shut her out.
    const neighbours = [1, 2].map((n) => logIn({ ...ada, password: `guess ${n}` }, home));
    const [inTheFlood] = await Promise.all([logIn(ada, home), ...flood, ...neighbours]);
    expect(inTheFlood?.statusCode).toBe(200);
    expect((await logIn(ada, from('203.0.113.251'))).statusCode).toBe(429);
    expect((await logIn(ada, home)).statusCode).toBe(200);
    const cookie = `fieldline_session=${before.cookies[0]?.value}`;
    const who = await call(api.app, { url: '/api/v1/session', headers: { cookie } });
    expect(who.statusCode).toBe(200);
  });

  it('is not made by pages of other sites', async () => {
    for (const origin of ['http://evil.example', 'null', 'http://localhost:3000']) {
      expect((await logIn(password, { origin })).json()).toMatchObject({ status: 403, code: 'bad_origin' });
    }
    expect((await logIn(password, { origin: ORIGIN })).statusCode).toBe(200);
  });
});

describe('a session', () => {
  it('tells who it is, until the log-out', async () => {
    const headers = { cookie: await cookie(), origin: ORIGIN };
    const session = { url: '/api/v1/session', headers };
    expect((await call(api.app, session)).json()).toEqual({ name: 'admin', role: 'admin', kind: 'session' });
    const out = await call(api.app, { ...session, method: 'DELETE' });
    expect(out.statusCode).toBe(204);
    expect(out.headers['set-cookie']).toMatch(/^fieldline_session=; .*Expires=Thu, 01 Jan 1970/);
    expect((await call(api.app, session)).statusCode).toBe(401);
  });

  it.each([
    [ORIGIN, 201],
    [undefined, 403],
    ['http://evil.example', 403],
    ['null', 403],
    ['http://localhost:3000', 403],
  ])('changes something only for a page of ours: origin %s gets %i', async (origin, status) => {
    const headers = { cookie: await cookie(), ...(origin === undefined ? {} : { origin }) };
    const answer = await call(api.app, {
      method: 'POST',
      url: '/api/v1/devices',
      headers,
      payload: { id: 'a-1' },
    });
    expect(answer.statusCode).toBe(status);
    if (status === 403) expect(answer.json().code).toBe('bad_origin');
  });

  it('reads without an origin, as browsers do', async () => {
    const answer = await call(api.app, { url: '/api/v1/devices', headers: { cookie: await cookie() } });
    expect(answer.statusCode).toBe(200);
  });

  it('does not help a bad token, and a token needs no origin', async () => {
    const headers = { cookie: await cookie(), ...bearer('wrong') };
    expect((await call(api.app, { url: '/api/v1/devices', headers })).statusCode).toBe(401);
    const request = { method: 'POST', url: '/api/v1/devices', payload: { id: 'a-1' } } as const;
    expect((await call(api.app, { ...request, headers: api.as('admin') })).statusCode).toBe(201);
  });

  it('counts beside what a proxy in front asks for', async () => {
    const headers = { cookie: await cookie(), authorization: 'Basic cHJveHk6cGFzcw==' };
    expect((await call(api.app, { url: '/api/v1/devices', headers })).statusCode).toBe(200);
  });

  it('is listed for its user, and ended from another one; for an admin any', async () => {
    const password = 'correct horse battery';
    for (const username of ['ada', 'bob']) {
      const payload = { username, password, role: 'operator' };
      await call(api.app, { method: 'POST', url: '/api/v1/users', headers: api.as('admin'), payload });
    }
    const enter = async (username: string) => {
      const { cookies } = await logIn({ username, password });
      return { cookie: `fieldline_session=${cookies[0]?.value}`, origin: ORIGIN };
    };
    const [phone, desk, other] = [await enter('ada'), await enter('ada'), await enter('bob')];
    const list = async (headers: Record<string, string>) =>
      (await call(api.app, { url: '/api/v1/sessions', headers })).json().items as {
        id: string;
        name: string;
        current: boolean;
      }[];
    const end = async (id: string, headers: Record<string, string>) =>
      (await call(api.app, { method: 'DELETE', url: `/api/v1/sessions/${id}`, headers })).statusCode;
    const mine = await list(desk);
    expect(mine.map(({ name, current }) => [name, current])).toEqual([
      ['ada', true],
      ['ada', false],
    ]);
    const lost = mine[1]?.id ?? '';
    expect(await end(lost, other)).toBe(404);
    expect(await end(lost, desk)).toBe(204);
    expect(await end(lost, desk)).toBe(404);
    expect((await call(api.app, { url: '/api/v1/session', headers: phone })).statusCode).toBe(401);

    const all = await list(api.as('admin'));
    expect(all.map(({ name }) => name).sort()).toEqual(['ada', 'bob']);
    expect(await end(all.find(({ name }) => name === 'bob')?.id ?? '', api.as('admin'))).toBe(204);
    expect((await call(api.app, { url: '/api/v1/session', headers: other })).statusCode).toBe(401);
    const audit = await call(api.app, {
      url: '/api/v1/audit?action=session.closed',
      headers: api.as('admin'),
    });
    expect(audit.json().items.map(({ actor, subject }: Record<string, string>) => [actor, subject])).toEqual([
      [expect.stringMatching(/^token:/), 'user:bob'],
      ['user:ada', 'user:ada'],
    ]);
  });
});
