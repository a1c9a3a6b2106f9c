import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type {
  CommandView,
  IssuedClaim,
  IssuedToken,
  JobView,
  Page,
  ProvisionedDevice,
  Ticket,
  TokenView,
} from '@fieldline/protocol';
import { connectAsync } from 'mqtt';
import { type Browser, type BrowserContext, chromium, type Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientFetch } from './kit/client-fetch.js';
import { DeviceClient, refusedUpgrade } from './kit/device-client.js';
import { type HttpRequest, HubHttp } from './kit/hub-http.js';
import { ADMIN_TOKEN, type HubProcess, startHub } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { ViewerClient } from './kit/viewer-client.js';

const CHROMIUM = '/usr/bin/chromium';
const hasBrowser = requireTool('Chromium', 'chromium', [CHROMIUM, '--version']);
const LIVE = '/ws/v1/live';
const BOOT = { boot: 'b1', seq: 0, caps: ['command'] };

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub({
    env: {
      FIELDLINE_LOG_LEVEL: 'trace',
      FIELDLINE_DEVICE_URL_TOKEN: 'true',
      FIELDLINE_MQTT_PORT: '0',
    },
  });
});

afterAll(() => hub.dispose());

/** Asks with headers of which browsers and `fetch` would keep some to themselves. */
function ask(path: string, request: HttpRequest = {}) {
  return new HubHttp(hub.url, ADMIN_TOKEN, clientFetch({})).request(path, { token: null, ...request });
}

async function cookie(): Promise<string> {
  const body = { username: 'admin', password: ADMIN_TOKEN };
  const login = await ask('/api/v1/session', { body });
  return login.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('a page of another site', () => {
  it.each(['https://evil.example', 'null', 'file://', 'http://localhost.evil.example', undefined])(
    'changes nothing and sees nothing with our cookie: origin %s',
    async (origin) => {
      const headers = { cookie: await cookie(), ...(origin === undefined ? {} : { origin }) };
      const post = await ask('/api/v1/devices', { body: { id: 'foreign' }, headers });
      expect(post.json()).toMatchObject({ status: 403, code: 'bad_origin' });
      expect(post.headers.get('access-control-allow-origin')).toBeNull();
      const socket = await refusedUpgrade(hub.url, { path: LIVE, headers });
      expect(socket).toMatchObject({ status: 403, code: 'bad_origin' });
      expect((await ask('/api/v1/devices/foreign', { token: ADMIN_TOKEN })).status).toBe(404);
    },
  );

  it('neither logs anybody in, nor tries passwords over MQTT', async () => {
    const headers = { origin: 'https://evil.example' };
    const body = { username: 'admin', password: ADMIN_TOKEN };
    const login = await ask('/api/v1/session', { body, headers });
    expect(login.json()).toMatchObject({ status: 403, code: 'bad_origin' });
    const protocols = ['mqtt'];
    const mqtt = await refusedUpgrade(hub.url, { path: '/mqtt', protocols, headers });
    expect(mqtt).toMatchObject({ status: 403, code: 'bad_origin' });
  });
});

describe('a foreign name that leads here', () => {
  const headers = { host: 'evil.example' };

  it.each(['/', '/healthz', '/metrics', '/api/v1/devices', '/api/v1/openapi.json', '/api/docs', '/nowhere'])(
    'gets nothing at %s',
    async (path) => {
      const answer = await ask(path, { headers, token: ADMIN_TOKEN });
      expect(answer.json()).toMatchObject({ status: 421, code: 'wrong_host' });
    },
  );

  it('has no socket for viewers, nor one for MQTT from a page under that name', async () => {
    const viewer = await refusedUpgrade(hub.url, { path: LIVE, token: ADMIN_TOKEN, headers });
    expect(viewer).toMatchObject({ status: 421, code: 'wrong_host' });
    // Devices may call the hub what they like; a page says where it comes from.
    const page = { ...headers, origin: `http://${headers.host}` };
    const mqtt = await refusedUpgrade(hub.url, { path: '/mqtt', protocols: ['mqtt'], headers: page });
    expect(mqtt).toMatchObject({ status: 403, code: 'bad_origin' });
  });

  it('is made no better by forwarding headers, where no proxy is trusted', async () => {
    const ours = new URL(hub.url).host;
    const spoofed = { 'x-forwarded-host': ours, 'x-forwarded-for': '127.0.0.1', forwarded: `host=${ours}` };
    const answer = await ask('/', { headers: { ...headers, ...spoofed } });
    expect(answer.json()).toMatchObject({ status: 421, code: 'wrong_host' });
    const body = { username: 'admin', password: ADMIN_TOKEN };
    const origin = 'https://evil.example';
    const evil = { origin, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const login = await ask('/api/v1/session', { body, headers: evil });
    expect(login.json()).toMatchObject({ status: 403, code: 'bad_origin' });
    const plain = await ask('/api/v1/session', { body, headers: { 'x-forwarded-proto': 'https' } });
    expect(plain.headers.get('set-cookie')).not.toContain('Secure');
  });
});

describe('a token in the URL', () => {
  it.each(['/api/v1/session', '/metrics'])('opens nothing: %s', async (path) => {
    for (const name of ['token', 'access_token', 'ticket']) {
      const answer = await ask(`${path}?${name}=${ADMIN_TOKEN}`);
      expect(answer.json()).toMatchObject({ status: 401, code: 'unauthorized' });
    }
  });

  it('opens no socket, and no ingest', async () => {
    for (const name of ['token', 'ticket']) {
      const refused = await refusedUpgrade(hub.url, { path: `${LIVE}?${name}=${ADMIN_TOKEN}` });
      expect(refused).toMatchObject({ status: 401, code: 'unauthorized' });
    }
    const token = await hub.http.addDevice('in-url');
    const ingest = await ask(`/api/v1/ingest/in-url?token=${token}`, { body: { values: { x: 1 } } });
    expect(ingest.json()).toMatchObject({ status: 401, code: 'unauthorized' });
  });
});

describe('a token that is revoked', () => {
  it('closes its device, and cancels what waits for it', async () => {
    const token = await hub.http.addDevice('revoked');
    const device = await DeviceClient.connect(hub.url, { token });
    await device.hello(BOOT);
    const give = async (name: string, more: object = {}) => {
      const answer = await hub.http.request('/api/v1/devices/revoked/commands', { body: { name, ...more } });
      expect(answer.status).toBe(202);
      return answer.json<CommandView>().id;
    };
    const sent = await give('first');
    await device.take('command');
    const waiting = [await give('second'), await give('third', { queue: true })];
    const { items } = await hub.http.get<Page<TokenView>>('/api/v1/devices/revoked/tokens');
    const path = `/api/v1/devices/revoked/tokens/${items[0]?.id}`;
    expect((await hub.http.request(path, { method: 'DELETE' })).status).toBe(204);
    expect((await device.end()).code).toBe(4401);
    for (const id of waiting) {
      const command = await hub.http.get<CommandView>(`/api/v1/commands/${id}`);
      expect(command).toMatchObject({ state: 'cancelled', error: { code: 'device_barred' } });
    }
    // Nobody knows what became of it: it was sent.
    expect(await hub.http.get(`/api/v1/commands/${sent}`)).toMatchObject({ state: 'sent' });
  });

  it('takes back what was given with it and was not sent, and ends its jobs', async () => {
    await hub.http.addDevice('away');
    const issued = await hub.http.request('/api/v1/tokens', { body: { name: 'leaked', role: 'operator' } });
    const { id, token } = issued.json<IssuedToken>();
    const body = { name: 'open', queue: true };
    const [theirs, other] = await Promise.all(
      [{ token }, {}].map(async (as) => {
        const answer = await hub.http.request('/api/v1/devices/away/commands', { body, ...as });
        expect(answer.status).toBe(202);
        return answer.json<CommandView>().id;
      }),
    );
    const job = (
      await hub.http.request('/api/v1/jobs', { body: { ...body, devices: ['away'], perSecond: 0.1 }, token })
    ).json<JobView>();
    expect((await hub.http.request(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    const command = await hub.http.get<CommandView>(`/api/v1/commands/${theirs}`);
    expect(command).toMatchObject({ state: 'cancelled', error: { code: 'giver_barred' }, by: 'leaked' });
    expect(command).not.toHaveProperty('giver');
    expect(await hub.http.get(`/api/v1/commands/${other}`)).toMatchObject({ state: 'queued' });
    expect(await hub.http.get(`/api/v1/jobs/${job.id}`)).toMatchObject({
      state: 'cancelled',
      reason: { code: 'giver_barred' },
    });
  });

  it('closes the viewers that came with it, with its tickets, and with its cookies', async () => {
    const { id, token } = (
      await hub.http.request('/api/v1/tokens', { body: { name: 'short', role: 'operator' } })
    ).json<IssuedToken>();
    const viewer = await ViewerClient.connect(hub.url, token);
    const { ticket } = (await hub.http.request('/api/v1/tickets', { method: 'POST', token })).json<Ticket>();
    const byTicket = await DeviceClient.connect(hub.url, { path: `${LIVE}?ticket=${ticket}` });
    const unused = (await hub.http.request('/api/v1/tickets', { method: 'POST', token })).json<Ticket>();
    expect((await hub.http.request(`/api/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await viewer.end()).code).toBe(4401);
    expect((await byTicket.end()).code).toBe(4401);
    const late = await refusedUpgrade(hub.url, { path: `${LIVE}?ticket=${unused.ticket}` });
    expect(late).toMatchObject({ status: 401, code: 'unauthorized' });
    expect((await hub.http.request('/api/v1/devices', { token })).json()).toMatchObject({
      code: 'unauthorized',
    });
  });
});

describe.skipIf(!hasBrowser)('a browser that is logged in', () => {
  let browser: Browser;
  let context: BrowserContext;
  let neighbour: Server;

  beforeAll(async () => {
    neighbour = createServer((_, answer) => answer.end('<!doctype html><title>another program</title>'));
    neighbour.listen(0, '127.0.0.1');
    await once(neighbour, 'listening');
    const args = ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
    context = await browser.newContext();
    const page = await context.newPage();
    const loggedIn = page.waitForResponse(`${hub.url}/api/v1/session`);
    await page.goto(await hub.output.find((line) => /(http\S+#\/login\?code=\S+)/.exec(line)?.[1]));
    expect((await loggedIn).status()).toBe(200);
    await page.close();
  });
  afterAll(async () => {
    await browser?.close();
    neighbour?.close();
  });

  /** A page of another program on this machine: of the same site as the hub, so that the cookie goes along. */
  async function neighbourPage(): Promise<Tab> {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(neighbour.address() as AddressInfo).port}/`);
    return page;
  }

  it('lends its cookie to no neighbour: nothing is posted, read or listened to', async () => {
    const page = await neighbourPage();
    const post = (mode: string) =>
      page.evaluate(
        `fetch('${hub.url}/api/v1/devices', {
          method: 'POST', mode: '${mode}', credentials: 'include', body: '{"id":"stolen"}'
        }).then(() => 'answered', () => 'refused')`,
      );
    expect(await post('cors')).toBe('refused');
    expect(await post('no-cors')).toBe('refused');
    expect((await hub.http.request('/api/v1/devices/stolen')).status).toBe(404);
    const read = `fetch('${hub.url}/api/v1/devices', { credentials: 'include' }).then(() => 'read', () => 'refused')`;
    expect(await page.evaluate(read)).toBe('refused');
    const listen = `new Promise((resolve) => {
      const socket = new WebSocket('${hub.url.replace('http', 'ws')}${LIVE}');
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    })`;
    expect(await page.evaluate(listen)).toBe('refused');
    const posted = page.waitForResponse(`${hub.url}/api/v1/devices`);
    await page.evaluate(`{
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', enctype: 'text/plain', action: '${hub.url}/api/v1/devices' });
      const field = document.createElement('input');
      Object.assign(field, { name: '{"id":"stolen","name":"', value: '"}' });
      form.append(field);
      document.body.append(form);
      form.submit();
    }`);
    // 403, not 401: the cookie was there, and the origin was not ours.
    expect((await posted).status()).toBe(403);
    expect((await hub.http.request('/api/v1/devices/stolen')).status).toBe(404);
    await page.close();
  });

  it('shows the hub in no frame of a neighbour, and under no foreign name', async () => {
    const page = await neighbourPage();
    await page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.onload = resolve;
      frame.src = '${hub.url}/';
      document.body.append(frame);
    })`);
    const framed = page.frames().find((frame) => frame !== page.mainFrame());
    expect(framed?.url()).toMatch(/^chrome-error:/);
    const rebound = await page.goto(hub.url.replace('127.0.0.1', 'evil.example'));
    expect(rebound?.status()).toBe(421);
    await page.close();
  });
});

describe('secrets', () => {
  it('are in no log, no file and no metric', async () => {
    const secrets: Record<string, string> = { admin: ADMIN_TOKEN };

    // Each way to log in, and what goes wrong with it.
    const device = await hub.http.addDevice('quiet');
    secrets.device = device;
    const basic = Buffer.from(`quiet:${device}`).toString('base64');
    secrets.basic = basic;
    for (const options of [
      { token: device },
      { headers: { authorization: `Basic ${basic}` } },
      { path: `/ws/v1/device?token=${device}` },
    ]) {
      const client = await DeviceClient.connect(hub.url, options);
      await client.hello(BOOT);
      client.send(`{"type":"hello","token":"${device}",}`);
      await client.take('error');
      client.send({ type: 'levitate', token: device });
      await client.take('error');
      await client.close();
    }
    const byHello = await DeviceClient.connect(hub.url);
    await byHello.hello({ ...BOOT, token: device });
    await byHello.close();
    await ask(`/api/v1/ingest/quiet?token=${device}`, { body: { values: { x: 1 } }, token: device });
    await ask(`/api/v1/devices?token=${ADMIN_TOKEN}`);

    const { address } = await hub.output.find((line) =>
      line.includes('the MQTT broker listens') ? JSON.parse(line) : undefined,
    );
    const login = { username: 'quiet', password: device, reconnectPeriod: 0 };
    const mqtt = await connectAsync(`mqtt://127.0.0.1:${address.port}`, login);
    await mqtt.publishAsync('fieldline/v1/ingest/quiet', '{"values":{"x":2}}', { qos: 1 });
    await mqtt.endAsync();

    const made = await hub.http.request('/api/v1/tokens', { body: { name: 'secret', role: 'viewer' } });
    const { token } = made.json<IssuedToken>();
    secrets.token = token;
    const { ticket } = (await hub.http.request('/api/v1/tickets', { method: 'POST', token })).json<Ticket>();
    secrets.ticket = ticket;
    const viewer = await DeviceClient.connect(hub.url, { path: `${LIVE}?ticket=${ticket}` });
    await viewer.close();
    await refusedUpgrade(hub.url, { path: `${LIVE}?ticket=${ticket}` });

    secrets.cookie = (await cookie()).split('=')[1] ?? '';
    secrets.password = 'correct horse battery staple';
    const user = { username: 'ann', password: secrets.password, role: 'operator' };
    expect((await hub.http.request('/api/v1/users', { body: user })).status).toBe(201);
    const password = { username: 'ann', password: secrets.password };
    expect((await ask('/api/v1/session', { body: password })).status).toBe(200);
    secrets.code = await hub.output.find((line) => /#\/login\?code=(\S+)/.exec(line)?.[1]);

    const claim = await hub.http.request('/api/v1/claims', { body: { profile: 'env-sensor' } });
    secrets.claim = claim.json<IssuedClaim>().claim;
    const claimed = await ask('/api/v1/provision', { body: { claim: secrets.claim, hardwareId: 'aa:bb' } });
    secrets.provisioned = claimed.json<ProvisionedDevice>().token;

    const metrics = (await hub.http.request('/metrics')).text;
    const running = filesOf(hub.dataDir);
    expect((await hub.stop()).code).toBe(0);
    // The greeting is for whoever starts it, and no line of the log.
    const log = hub.output.lines.filter((line) => line.startsWith('{')).join('\n');
    expect(log).toContain('?access_token=[redacted]');
    const places = { log, metrics, ...running, ...filesOf(hub.dataDir, 'stopped/') };
    expect(Object.keys(places)).toEqual(expect.arrayContaining(['state.sqlite', 'stopped/state.sqlite']));
    for (const [name, secret] of Object.entries(secrets)) {
      expect(secret.length, name).toBeGreaterThan(11);
      const found = Object.entries(places).filter(([, content]) => Buffer.from(content).includes(secret));
      expect(
        found.map(([place]) => place),
        name,
      ).toEqual([]);
    }
  });
});

/** All files of a directory, with what is in them. */
function filesOf(directory: string, prefix = ''): Record<string, Buffer> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [prefix + path.slice(directory.length + 1), readFileSync(path)];
    }),
  );
}
