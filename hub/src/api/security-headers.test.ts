import { fastify } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendSecurityHeaders } from './security-headers.js';

const SECURE = { host: 'hub.example', 'x-forwarded-proto': 'https' };

describe.each([
  { hsts: false, expected: undefined },
  { hsts: true, expected: 'max-age=31536000' },
])('with http.hsts $hsts', ({ hsts, expected }) => {
  const app = fastify({ trustProxy: ['loopback'] });

  beforeAll(async () => {
    sendSecurityHeaders(app, { hsts });
    app.get('/', async () => 'here');
    await app.ready();
  });
  afterAll(() => app.close());

  const insistsOnHttps = async (headers: Record<string, string>) =>
    (await app.inject({ url: '/', headers })).headers['strict-transport-security'];

  it(`tells a browser that came by HTTPS: ${expected ?? 'nothing'}`, async () => {
    expect(await insistsOnHttps(SECURE)).toBe(expected);
  });

  it('tells nothing to one that came without, or by a loopback name, which is that of other programs, too', async () => {
    expect(await insistsOnHttps({ host: 'hub.example' })).toBeUndefined();
    for (const host of ['localhost:8443', '127.0.0.1', '[::1]:8443']) {
      expect(await insistsOnHttps({ ...SECURE, host })).toBeUndefined();
    }
  });
});
