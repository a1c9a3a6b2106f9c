import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_COOKIE } from '../access/session-cookie.js';
import { ADMIN_TOKEN, bearer, type OpenApi, openApi } from './api.fixture.js';
import { call, description } from './described.fixture.js';

let api: OpenApi;

beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const ROLES = ['viewer', 'operator', 'admin'] as const;

/** What each role is needed for; a route that is not here fails the test below. */
const NEEDED: Readonly<Record<string, (typeof ROLES)[number] | 'public' | 'device'>> = {
  'get /api/v1/openapi.json': 'public',
  'get /api/v1/asyncapi.json': 'public',
  'post /api/v1/session': 'public',
  'get /api/v1/session': 'viewer',
  'post /api/v1/session/links': 'admin',
  'delete /api/v1/session': 'viewer',
  'get /api/v1/sessions': 'viewer',
  'delete /api/v1/sessions/{id}': 'viewer',
  'get /api/v1/devices': 'viewer',
  'post /api/v1/devices': 'admin',
  'get /api/v1/devices/{id}': 'viewer',
  'patch /api/v1/devices/{id}': 'operator',
  'delete /api/v1/devices/{id}': 'admin',
  'get /api/v1/devices/{id}/tokens': 'admin',
  'post /api/v1/devices/{id}/tokens': 'admin',
  'delete /api/v1/devices/{id}/tokens/{tokenId}': 'admin',
  'get /api/v1/devices/{id}/telemetry': 'viewer',
  'get /api/v1/telemetry/export': 'viewer',
  'post /api/v1/ingest/{device}': 'device',
  'get /api/v1/profiles': 'viewer',
  'get /api/v1/profiles/{name}': 'viewer',
  'post /api/v1/profiles/validate': 'operator',
  'patch /api/v1/profiles/{name}/metrics/{metric}': 'admin',
  'get /api/v1/devices/{id}/quarantine': 'viewer',
  'get /api/v1/devices/{id}/log': 'viewer',
  'get /api/v1/devices/{id}/connections': 'viewer',
  'get /api/v1/devices/{id}/grafana': 'viewer',
  'post /api/v1/devices/{id}/commands': 'operator',
  'get /api/v1/devices/{id}/commands': 'viewer',
  'get /api/v1/commands': 'viewer',
  'get /api/v1/commands/{id}': 'viewer',
  'delete /api/v1/commands/{id}': 'operator',
  'post /api/v1/jobs': 'operator',
  'get /api/v1/jobs': 'viewer',
  'get /api/v1/jobs/{id}': 'viewer',
  'get /api/v1/jobs/{id}/devices': 'viewer',
  'delete /api/v1/jobs/{id}': 'operator',
  'get /api/v1/alarms': 'viewer',
  'get /api/v1/alarms/counts': 'viewer',
  'get /api/v1/alarms/rules': 'viewer',
  'get /api/v1/alarms/channels': 'viewer',
  'get /api/v1/alarms/quiets': 'viewer',
  'put /api/v1/alarms/{id}/quiet': 'operator',
  'delete /api/v1/alarms/{id}/quiet': 'operator',
  'get /api/v1/alarms/{id}': 'viewer',
  'post /api/v1/alarms/{id}/acknowledge': 'operator',
  'post /api/v1/alarms/acknowledge': 'operator',
  'post /api/v1/alarms/channels/{channel}/test': 'admin',
  'get /api/v1/audit': 'admin',
  'get /api/v1/audit/export': 'admin',
  'post /api/v1/backup': 'admin',
  'get /api/v1/claims': 'admin',
  'post /api/v1/claims': 'admin',
  'delete /api/v1/claims/{id}': 'admin',
  'get /api/v1/claims/pending': 'operator',
  'post /api/v1/claims/pending/{id}/approve': 'operator',
  'post /api/v1/claims/pending/{id}/reject': 'operator',
  'post /api/v1/provision': 'public',
  'get /api/v1/attempts': 'operator',
  'get /api/v1/connection': 'operator',
  'get /api/v1/users': 'admin',
  'post /api/v1/users': 'admin',
  'patch /api/v1/users/{username}': 'viewer',
  'delete /api/v1/users/{username}': 'admin',
  'put /api/v1/devices/{id}/config': 'operator',
  'post /api/v1/tickets': 'viewer',
  'get /api/v1/tokens': 'admin',
  'post /api/v1/tokens': 'admin',
  'delete /api/v1/tokens/{tokenId}': 'admin',
  'get /api/v1/system': 'viewer',
  'get /healthz': 'public',
  'get /readyz': 'public',
  'get /metrics': 'viewer',
};

/** Who may use it depends on what is asked for, too: users.test.ts. */
const ALSO_FORBIDS = new Set(['patch /api/v1/users/{username}']);

describe('roles', () => {
  it('are asked for by every route as decided', async () => {
    await api.app.ready();
    const routes = Object.entries(description(api.app).paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(routes.sort()).toEqual(Object.keys(NEEDED).sort());
    const headers = Object.fromEntries(ROLES.map((role) => [role, api.as(role)]));
    for (const [route, needed] of Object.entries(NEEDED)) {
      const [method = '', path = ''] = route.split(' ');
      const request = { method: method as 'GET', url: path.replace(/\{\w+\}/g, 'nobody') };
      const anonymous = await call(api.app, request);
      if (needed === 'public') {
        expect(anonymous.statusCode, route).not.toBe(401);
        continue;
      }
      expect(anonymous.statusCode, route).toBe(401);
      expect(anonymous.headers['www-authenticate'], route).toMatch(/^Bearer/);
      for (const [rank, role] of ROLES.entries()) {
        if (needed === 'device') {
          const asUser = await call(api.app, { ...request, headers: headers[role] ?? {} });
          expect(asUser.statusCode, `${role}: ${route}`).not.toBe(200);
          continue;
        }
        const answer = await call(api.app, { ...request, headers: headers[role] ?? {} });
        if (rank < ROLES.indexOf(needed)) {
          expect(answer.json(), `${role}: ${route}`).toMatchObject({ status: 403, code: 'forbidden' });
        } else if (!ALSO_FORBIDS.has(route)) {
          expect([401, 403], `${role}: ${route}`).not.toContain(answer.statusCode);
        }
      }
    }
  });

  it('stop the start when a route asks for none', async () => {
    const careless = await openApi();
    expect(() => careless.app.get('/careless', async () => 'everything')).toThrow(
      'route GET /careless does not say who may use it',
    );
    await careless.close();
  });

  it.each(['Bearer', 'Bearer ', 'Bearer wrong', `Basic ${ADMIN_TOKEN}`, `Token ${ADMIN_TOKEN}`, ADMIN_TOKEN])(
    'are nobody’s with "%s"',
    async (authorization) => {
      const answer = await call(api.app, { url: '/api/v1/devices', headers: { authorization } });
      expect(answer.json()).toMatchObject({ status: 401, code: 'unauthorized' });
    },
  );
});

describe('credentials of nobody', () => {
  it.each([
    ['nothing', {}, 'log in, or send an API token'],
    ['another kind', { authorization: 'Basic YTpi' }, 'log in, or send an API token'],
    ['a cookie of another program', { cookie: 'theme=dark' }, 'log in, or send an API token'],
    ['an old log-in', { cookie: `${SESSION_COOKIE}=old` }, 'log in again'],
    ['a wrong token', bearer('fla_wrong'), 'this API token is not valid'],
    ['a device token', bearer('fld_some'), 'this is a device token'],
  ])('%s: says what is wrong', async (_, headers, reason) => {
    const answer = await call(api.app, { url: '/api/v1/devices', headers });
    expect(answer.json()).toMatchObject({ status: 401, detail: expect.stringContaining(reason) });
  });
});

describe('host names', () => {
  const headers = { ...bearer(ADMIN_TOKEN), host: 'evil.example:8080' };

  it.each(['/', '/healthz', '/api/v1/devices', '/api/v1/openapi.json', '/nowhere', '/ws/v1/live'])(
    'of others get 421 at %s',
    async (url) => {
      const answer = await call(api.app, { url, headers });
      expect(answer.json()).toMatchObject({ status: 421, code: 'wrong_host' });
      expect(answer.headers['content-security-policy']).toContain('evil.example');
    },
  );

  it('do not matter where devices send', async () => {
    api.registry.create({ id: 'a-1' });
    const { token } = api.deviceTokens.create('a-1');
    const answer = await call(api.app, {
      method: 'POST',
      url: '/api/v1/ingest/a-1',
      headers: { ...bearer(token), host: 'gateway.lan' },
      payload: { values: { temperature: 1 } },
    });
    expect(answer.statusCode).toBe(200);
  });

  it('are added by the configured origins', async () => {
    const proxied = await openApi({ FIELDLINE_ORIGINS: 'https://hub.example' });
    const answer = await call(proxied.app, { url: '/healthz', headers: { host: 'hub.example' } });
    expect(answer.statusCode).toBe(200);
    await proxied.close();
  });
});

describe('every answer', () => {
  it.each(['/', '/healthz', '/nowhere', '/api/v1/devices'])('carries security headers: %s', async (url) => {
    const { headers } = await api.app.inject({ url });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).toContain('ws://localhost:80');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});
