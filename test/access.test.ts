import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { AuditEntry, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientFetch } from './kit/client-fetch.js';
import { deadline } from './kit/deadline.js';
import { DeviceClient } from './kit/device-client.js';
import { ADMIN_TOKEN, cleanEnv, type HubProcess, ROOT, startHub } from './kit/hub-process.js';

const PASSWORD = 'correct horse battery staple';

let hub: HubProcess;
/** Everything that must stand nowhere but where it is used. */
const secrets: string[] = [PASSWORD];
const log: string[] = [];

beforeAll(async () => {
  hub = await startHub({ env: { FIELDLINE_LOG_LEVEL: 'trace' } });
});
afterAll(() => hub.dispose());

const addUser = (username: string, role: string, password = PASSWORD) =>
  hub.http.request('/api/v1/users', { body: { username, password, role } });
/** What the hub logged; the greeting, which is for the terminal, holds secrets. */
const logLines = () => hub.output.lines.filter((line) => line.startsWith('{'));
const audit = async (query: string) =>
  (await hub.http.get<Page<AuditEntry>>(`/api/v1/audit?limit=1000&${query}`)).items;

interface LogIn {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly cookie: string;
}

/** Logs in from an address of this machine's own network. */
async function logIn(credentials: object, localAddress = '127.0.0.1'): Promise<LogIn> {
  const answer = await clientFetch({ localAddress })(`${hub.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  const cookie = answer.headers.getSetCookie()[0]?.replace(/;.*/s, '') ?? '';
  if (cookie !== '') secrets.push(cookie.replace(/^.*=/, ''));
  return { status: answer.status, body: (await answer.json()) as LogIn['body'], cookie };
}

const withCookie = (cookie: string) => ({ token: null, headers: { cookie, origin: hub.url } });
const who = (cookie: string) => hub.http.request('/api/v1/session', withCookie(cookie));
const watch = (cookie: string) =>
  DeviceClient.connect(hub.url, { path: '/ws/v1/live', headers: { cookie, origin: hub.url } });

/** Runs the command line with something on its standard input. */
async function fieldline(words: readonly string[], input = ''): Promise<string> {
  const env = { ...cleanEnv(), FIELDLINE_URL: hub.url, FIELDLINE_API_TOKEN: ADMIN_TOKEN };
  const child = spawn(process.execPath, [`${ROOT}hub/bin/fieldline.cjs`, ...words], { env });
  child.stdin.end(input);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await deadline(once(child, 'close'), () => words.join(' '), 30_000);
  const [out, err] = await output;
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${err}`);
  return out;
}

describe('users', () => {
  it('begin with the one-time link of the start', async () => {
    const code = await hub.output.find((line) => /login\?code=(\S+)/.exec(line)?.[1]);
    secrets.push(code);
    const link = await logIn({ code });
    expect(link.status).toBe(200);
    const made = await hub.http.request('/api/v1/users', {
      ...withCookie(link.cookie),
      body: { username: 'root', password: PASSWORD, role: 'admin' },
    });
    expect(made.status).toBe(201);
    expect(await logIn({ username: 'root', password: PASSWORD })).toMatchObject({
      status: 200,
      body: { name: 'root', role: 'admin', kind: 'session' },
    });
    // What was documented before there were users stays good.
    expect((await logIn({ username: 'admin', password: ADMIN_TOKEN })).status).toBe(200);
  });

  it.each([
    ['removed', (name: string) => hub.http.request(`/api/v1/users/${name}`, { method: 'DELETE' })],
    [
      'demoted',
      (name: string) =>
        hub.http.request(`/api/v1/users/${name}`, { method: 'PATCH', body: { role: 'viewer' } }),
    ],
  ])('who are %s are out at once, with their live sockets', async (how, change) => {
    const name = `op-${how}`;
    expect((await addUser(name, 'operator')).status).toBe(201);
    const { cookie } = await logIn({ username: name, password: PASSWORD });
    const socket = await watch(cookie);
    const stays = await watch((await logIn({ username: 'root', password: PASSWORD })).cookie);
    expect((await who(cookie)).json()).toMatchObject({ name, role: 'operator' });
    expect((await change(name)).status).toBeLessThan(300);
    expect((await deadline(socket.closed, () => 'the live socket to be closed', 1_000)).code).toBe(4401);
    expect((await who(cookie)).status).toBe(401);
    stays.send({ type: 'subscribe', id: 1, devices: [] });
    await stays.take('snapshot');
    await stays.close();
  });

  it('survive a restart, and so do their log-ins', async () => {
    const { cookie } = await logIn({ username: 'root', password: PASSWORD });
    log.push(...logLines());
    await hub.restart();
    expect((await who(cookie)).status).toBe(200);
    expect((await logIn({ username: 'root', password: PASSWORD })).status).toBe(200);
  });

  it('are made from the command line, with the password from standard input', async () => {
    await fieldline(['user', 'add', 'cli', '--role', 'operator'], `${PASSWORD}\n`);
    expect(await fieldline(['user', 'list'])).toMatch(/^cli +operator/m);
    expect((await logIn({ username: 'cli', password: PASSWORD })).status).toBe(200);
    await fieldline(['user', 'remove', 'cli']);
    expect((await logIn({ username: 'cli', password: PASSWORD })).status).toBe(401);
  });
});

describe('guessing', () => {
  it('slows down who guesses and the name that is guessed, and locks nobody out', async () => {
    await addUser('ada', 'viewer');
    await addUser('bob', 'viewer');
    const ada = { username: 'ada', password: PASSWORD };
    expect((await logIn(ada, '127.0.0.2')).status).toBe(200);
    const answers: number[] = [];
    for (let n = 0; n < 12; n++) {
      answers.push((await logIn({ ...ada, password: 'a guess that is wrong' }, `127.0.1.${n + 1}`)).status);
    }
    expect(answers.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(answers.at(-1)).toBe(429);
    // Her own address, another user, and links go on.
    expect((await logIn(ada, '127.0.0.2')).status).toBe(200);
    expect((await logIn({ username: 'bob', password: PASSWORD }, '127.0.1.1')).status).toBe(200);
    const refused = await audit('action=session.refused&subject=user:ada');
    expect(refused[0]).toMatchObject({ actor: 'nobody', address: expect.stringContaining('127.0.1.') });
  });
});

describe('a claim key', () => {
  const provision = (body: object) => hub.http.request('/api/v1/provision', { body, token: null });

  it('is exchanged by a new device, which connects with what it got', async () => {
    const made = JSON.parse(
      await fieldline([
        ...['claim', 'add', '--profile', 'env-sensor', '--limit', '2', '--tag', 'site=north'],
        ...['--prefix', 'north-', '--json'],
      ]),
    );
    secrets.push(made.claim);
    const answer = await provision({ claim: made.claim, hardwareId: 'a4:cf:12:ff:3e:10' });
    expect(answer.status).toBe(201);
    const { id, token } = answer.json<{ id: string; token: string }>();
    secrets.push(token);
    const device = await DeviceClient.connect(hub.url, { token });
    await device.hello({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { temperature: 21.5 } });
    await device.take('ack');
    expect(await hub.http.get(`/api/v1/devices/${id}`)).toMatchObject({
      id: 'north-a4cf12ff3e10',
      online: true,
      profile: 'env-sensor',
      tags: { site: 'north' },
    });
    expect((await provision({ claim: made.claim, hardwareId: 'a4:cf:12:ff:3e:10' })).status).toBe(409);
    // Two boards with one token: the newer one wins, and the audit tells.
    const newer = await DeviceClient.connect(hub.url, { token });
    await newer.hello({ boot: 'b2', seq: 0 });
    expect((await deadline(device.closed, () => 'the older one to be closed')).code).not.toBe(1000);
    expect(await audit(`subject=device:${id}&action=device.taken_over`)).toHaveLength(1);
    await newer.close();
  });

  it('may want the approval of an operator', async () => {
    const made = JSON.parse(await fieldline(['claim', 'add', '-p', 'env-sensor', '--approval', '--json']));
    const { poll } = (await provision({ claim: made.claim, hardwareId: 'b2' })).json<{ poll: string }>();
    secrets.push(made.claim, poll);
    expect((await provision({ poll })).status).toBe(202);
    const waiting = JSON.parse(await fieldline(['claim', 'pending', '--json']));
    await fieldline(['claim', 'approve', waiting.id]);
    const { id, token } = (await provision({ poll })).json<{ id: string; token: string }>();
    secrets.push(token);
    const device = await DeviceClient.connect(hub.url, { token });
    await device.hello({ boot: 'b1', seq: 0 });
    await device.close();
    expect(await audit(`subject=device:${id}`)).toContainEqual(
      expect.objectContaining({ action: 'claim.approved', actor: 'token:admin' }),
    );
  });
});

describe('secrets', () => {
  it('stand in no file, log line, metric or audit entry', async () => {
    const metrics = (await hub.http.request('/metrics')).text;
    expect(metrics).toMatch(/^fieldline_login_failures_total [1-9]/m);
    const exported = (await hub.http.request('/api/v1/audit/export?format=ndjson')).text;
    expect(exported.trim().split('\n').length).toBeGreaterThan(20);
    await hub.stop();
    log.push(...logLines());
    expect(log.length).toBeGreaterThan(50);
    const files = readdirSync(hub.dataDir, { recursive: true, encoding: 'utf8' })
      .map((name) => join(hub.dataDir, name))
      .filter((path) => statSync(path).isFile());
    const places = new Map([
      ...files.map((path) => [path, readFileSync(path, 'latin1')] as const),
      ['the log', log.join('\n')],
      ['the metrics', metrics],
      ['the audit', exported],
    ]);
    for (const secret of [...secrets, ADMIN_TOKEN]) {
      for (const [place, content] of places) expect(content.includes(secret), place).toBe(false);
    }
    expect(secrets.length).toBeGreaterThan(10);
  });
});
