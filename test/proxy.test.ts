import { readFileSync } from 'node:fs';
import type { AuditEntry, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, clientFetch, type TlsClient } from './kit/client-fetch.js';
import { DeviceClient, refusedUpgrade } from './kit/device-client.js';
import { HubHttp } from './kit/hub-http.js';
import { ADMIN_TOKEN, type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { Nginx } from './kit/nginx.js';
import { requireTool } from './kit/require-tool.js';
import { freePort } from './kit/server-process.js';
import { TestCertificates } from './kit/test-certificates.js';

const isReady =
  requireTool('nginx', 'nginx-light', ['nginx', '-v']) &&
  requireTool('openssl', 'openssl', ['openssl', 'version']);

/** Where nginx connects from. All of 127.0.0.0/8 is this machine, and the others are strangers. */
const PROXY = '127.0.0.2';
const BOOT = { boot: 'b1', seq: 0 };

let hub: HubProcess;
let nginx: Nginx;
let certificates: TestCertificates;
let tls: TlsClient;
/** The hub as the world knows it. */
let origin: string;
let host: string;

beforeAll(async () => {
  if (!isReady) return;
  const port = await freePort();
  host = `hub.example:${port}`;
  origin = `https://${host}`;
  hub = await startHub({ env: { FIELDLINE_PROXY_TRUSTED: PROXY, FIELDLINE_ORIGINS: origin } });
  certificates = new TestCertificates();
  const { certFile, keyFile } = certificates.issue('nginx', 'DNS:hub.example');
  tls = { ca: readFileSync(certificates.caFile), servername: 'hub.example' };
  nginx = new Nginx(
    documented('nginx', [
      ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
      ['/etc/ssl/hub.example.crt', certFile],
      ['/etc/ssl/hub.example.key', keyFile],
      ['proxy_pass http://127.0.0.1:8080;', `proxy_pass ${hub.url}; proxy_bind ${PROXY};`],
    ]),
  );
  await nginx.start();
});

afterAll(async () => {
  await nginx?.dispose();
  await hub?.dispose();
  certificates?.remove();
});

/** The example of the documents, with the places and ports of this test. */
function documented(language: string, changes: readonly (readonly [string, string])[]): string {
  const text = readFileSync(`${ROOT}docs/tls.md`, 'utf8');
  let example = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(text)?.[1] ?? '';
  for (const [from, to] of changes) {
    expect(example).toContain(from);
    example = example.replace(from, to);
  }
  return example;
}

/** The API through nginx, from an address of this machine. */
function through(localAddress = '127.0.0.1'): HubHttp {
  return new HubHttp(
    `https://127.0.0.1:${new URL(origin).port}`,
    ADMIN_TOKEN,
    withHost({ ...tls, localAddress }),
  );
}

/** The hub itself, past nginx. */
function past(localAddress = '127.0.0.1'): HubHttp {
  return new HubHttp(hub.url, ADMIN_TOKEN, clientFetch({ localAddress }));
}

function withHost(client: ClientOptions): typeof fetch {
  const fetcher = clientFetch(client);
  return (url, request) => fetcher(url, { ...request, headers: { host, ...(request?.headers as object) } });
}

function connectThrough(token: string, path: string, headers: object = {}, localAddress = '127.0.0.1') {
  const url = `https://127.0.0.1:${new URL(origin).port}`;
  const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
  return DeviceClient.connect(url, {
    ...{ path, tls, localAddress },
    headers: { host, ...authorization, ...headers },
  });
}

const addressOf = async (id: string) => (await hub.http.get(`/api/v1/devices/${id}`)).address;

describe.skipIf(!isReady)('through nginx, as documented', () => {
  it('the page and its policies', async () => {
    const page = await through().request('/', { token: null });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toContain(`connect-src 'self' wss://${host};`);
    // Nobody asked for it, and it would count for every port of the name.
    expect(page.headers.get('strict-transport-security')).toBeNull();
  });

  it('a log-in with a secure cookie, and what a page does with it', async () => {
    const body = { username: 'admin', password: ADMIN_TOKEN };
    // Without an Origin, only the proxy tells that it was HTTPS.
    const login = await through().request('/api/v1/session', { body, token: null });
    expect(login.status).toBe(200);
    expect(login.headers.get('set-cookie')).toMatch(/; Secure/);
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
    const add = (headers: Record<string, string>) =>
      through().request('/api/v1/devices', {
        ...{ body: { id: 'by-page' }, token: null, headers: { cookie, ...headers } },
      });
    for (const foreign of [`http://${host}`, 'https://hub.example', 'https://evil.example']) {
      expect((await add({ origin: foreign })).json()).toMatchObject({ status: 403, code: 'bad_origin' });
    }
    expect((await add({ origin })).status).toBe(201);
    const viewer = await connectThrough('', '/ws/v1/live', { cookie, origin });
    viewer.send({ type: 'subscribe', id: 1, devices: ['by-page'] });
    expect(await viewer.take('snapshot')).toMatchObject({ devices: [{ id: 'by-page' }] });
    await viewer.close();
  });

  it('devices, by their own addresses', async () => {
    const token = await hub.http.addDevice('far');
    const viewer = await connectThrough(ADMIN_TOKEN, '/ws/v1/live');
    viewer.send({ type: 'subscribe', id: 1, devices: ['far'], minPeriod: 0 });
    await viewer.take('snapshot');
    const device = await connectThrough(token, '/ws/v1/device', {}, '127.0.0.31');
    await device.hello(BOOT);
    device.send({ type: 'telemetry', seq: 1, values: { x: 1 } });
    await device.acked(1);
    expect(await viewer.take('update')).toMatchObject({ readings: [['far', expect.any(Number), { x: 1 }]] });
    expect(await addressOf('far')).toBe('127.0.0.31');
    const body = { boot: 'b1', seq: 2, values: { x: 2 } };
    expect((await through().request('/api/v1/ingest/far', { body, token })).status).toBe(200);
    await device.close();
    await viewer.close();
  });

  it('limits and the audit, by the address of the client, whatever it claims', async () => {
    const [guesser, claimed] = ['127.0.0.32', '127.0.0.99'];
    const guess = (attempt: number) =>
      through(guesser).request('/api/v1/ingest/far', {
        ...{ body: { values: { x: 1 } }, token: 'fld_guess' },
        headers: { 'x-forwarded-for': `10.0.0.${attempt}, ${claimed}` },
      });
    const codes: unknown[] = [];
    for (let attempt = 0; attempt < 21; attempt++) codes.push((await guess(attempt)).json().code);
    expect(codes).toEqual([...Array<string>(20).fill('unauthorized'), 'too_many_attempts']);
    for (const other of [claimed, '127.0.0.33']) {
      const token = 'fld_guess';
      const answer = await through(other).request('/api/v1/ingest/far', { body: {}, token });
      expect(answer.json()).toMatchObject({ code: 'unauthorized' });
    }
    await through('127.0.0.34').request('/api/v1/devices', { body: { id: 'audited' } });
    const { items } = await hub.http.get<Page<AuditEntry>>('/api/v1/audit?subject=device:audited');
    expect(items[0]).toMatchObject({ address: '127.0.0.34' });
  });
});

describe.skipIf(!isReady)('past the proxy', () => {
  const spoofed = (more: Record<string, string> = {}) => ({
    ...{ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' },
    ...{ 'x-real-ip': '203.0.113.7', forwarded: 'for=203.0.113.7;proto=https' },
    ...more,
  });

  it('forwarding headers mean nothing: not for addresses, not for cookies', async () => {
    const token = await hub.http.addDevice('near');
    const device = await DeviceClient.connect(hub.url, {
      token,
      headers: spoofed(),
      localAddress: '127.0.0.41',
    });
    await device.hello(BOOT);
    expect(await addressOf('near')).toBe('127.0.0.41');
    await device.close();
    const body = { username: 'admin', password: ADMIN_TOKEN };
    const login = await past().request('/api/v1/session', { body, token: null, headers: spoofed() });
    expect(login.status).toBe(200);
    expect(login.headers.get('set-cookie')).not.toContain('Secure');
    expect(login.headers.get('strict-transport-security')).toBeNull();
  });

  it('nor for limits', async () => {
    const answers: number[] = [];
    for (let attempt = 0; attempt < 21; attempt++) {
      const headers = spoofed({ 'x-forwarded-for': `203.0.113.${attempt}` });
      const { status } = await refusedUpgrade(hub.url, {
        token: 'fld_guess',
        headers,
        localAddress: '127.0.0.42',
      });
      answers.push(status);
    }
    expect(answers).toEqual([...Array<number>(20).fill(401), 429]);
  });

  it('nor for the host, or the origin', async () => {
    const foreign = { host: 'evil.example', 'x-forwarded-host': host };
    const page = await past().request('/', { token: null, headers: spoofed(foreign) });
    expect(page.json()).toMatchObject({ status: 421, code: 'wrong_host' });
    const body = { username: 'admin', password: ADMIN_TOKEN };
    const headers = spoofed({ 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' });
    const login = await past().request('/api/v1/session', { body, token: null, headers });
    expect(login.json()).toMatchObject({ status: 403, code: 'bad_origin' });
  });

  it('and what the proxy itself says is believed, short of nonsense', async () => {
    const token = await hub.http.addDevice('odd');
    const connect = async (forwarded: string) => {
      const headers = { 'x-forwarded-for': forwarded };
      const device = await DeviceClient.connect(hub.url, { token, headers, localAddress: PROXY });
      await device.hello(BOOT);
      const address = await addressOf('odd');
      await device.close();
      return address;
    };
    expect(await connect('203.0.113.7')).toBe('203.0.113.7');
    expect(await connect('198.51.100.1, 203.0.113.7:5123')).toBe('203.0.113.7');
    expect(await connect('unknown')).toBe(PROXY);
    const headers = { 'x-forwarded-host': 'evil.example' };
    expect((await past(PROXY).request('/healthz', { headers })).json()).toMatchObject({ code: 'wrong_host' });
  });
});
