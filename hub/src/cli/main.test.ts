import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EXIT } from './exit-codes.js';
import { listen } from './listen.fixture.js';
import { run } from './main.js';

/** A stand-in for the hub's API: what each route answers, and what was asked. */
let routes: Map<string, (body: unknown) => [status: number, answer: unknown]>;
let asked: string[];
let server: Server;
let env: Record<string, string>;
let directory: string;

beforeEach(async () => {
  routes = new Map();
  asked = [];
  directory = await mkdtemp(join(tmpdir(), 'fieldline-cli-'));
  server = createServer((request, response) => void answer(request, response));
  env = { FIELDLINE_URL: await listen(server), FIELDLINE_API_TOKEN: 'fla_test_token' };
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const path = new URL(request.url ?? '/', 'http://hub').pathname.replace('/api/v1', '');
  asked.push(`${request.method} ${path}`);
  const route = routes.get(`${request.method} ${path}`);
  const [status, body] = route?.(text === '' ? undefined : JSON.parse(text)) ?? [
    404,
    { detail: 'Not found.' },
  ];
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** Runs a command line as a shell would; with `input`, somebody sits at the terminal and types it. */
async function fieldline(words: string[], input?: string) {
  const stdin = Object.assign(new PassThrough(), { isTTY: input !== undefined });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  if (input !== undefined) stdin.end(input);
  const argv = ['node', 'fieldline', ...words];
  const code = await run({ argv, env, stdin, stdout, stderr, once: () => undefined });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

const device = {
  id: 'esp-1',
  name: 'Cold\u001b[2Jroom',
  profile: 'env-sensor',
  tags: { site: 'north' },
  disabled: false,
  online: true,
  stale: false,
  lastSeen: Date.now(),
  interval: 10_000,
  firmware: '1.4.2',
  boot: '9c1e',
  address: '192.168.4.57',
  metrics: {
    temperature: { type: 'number', unit: 'Cel', time: Date.now(), value: 21.5 },
    door: { type: 'boolean', unit: null, time: null, value: null },
  },
  reboots: 0,
  counters: { received: 10, duplicates: 0, gaps: 0, rejected: 0, clockRepairs: 0 },
  sleeping: false,
  wakesBy: null,
  flapping: false,
  lastDisconnect: null,
  config: { version: 0, desired: {}, reported: {}, state: 'none' },
};

describe('device', () => {
  test('add prints the token once, and a first reading to paste', async () => {
    routes.set('POST /devices', (body) => {
      expect(body).toEqual({ id: 'esp-1', profile: 'env-sensor', tags: { site: 'north', room: 'a=b' } });
      return [201, { device, token: 'fld_secret' }];
    });
    const words = ['device', 'add', 'esp-1', '--profile', 'env-sensor', '-t', 'site=north', '-t', 'room=a=b'];
    const { code, out } = await fieldline(words);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('fld_secret   its token; shown once');
    expect(out).toContain(`curl ${env.FIELDLINE_URL}/api/v1/ingest/esp-1`);
    expect(out).toContain('hub.setAuthorization("esp-1", "fld_secret");');
  });

  test('list is a table, or one JSON object a line', async () => {
    routes.set('GET /devices', () => [
      200,
      { items: [device, { ...device, id: 'b', online: false }], next: null },
    ]);
    const { out } = await fieldline(['device', 'list']);
    expect(out.split('\n')).toEqual([
      'ID     STATE    LAST SEEN  PROFILE     LATEST',
      expect.stringMatching(/^esp-1 {2}online {3}\S+( s)? +env-sensor {2}temperature 21\.5$/),
      expect.stringMatching(/^b {6}offline /),
      '',
    ]);
    const json = await fieldline(['device', 'list', '--json']);
    expect(
      json.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['esp-1', 'b']);
  });

  test('an empty list says how to begin, beside the output', async () => {
    routes.set('GET /devices', () => [200, { items: [], next: null }]);
    expect(await fieldline(['device', 'list'])).toMatchObject({
      code: EXIT.ok,
      out: '',
      err: expect.stringContaining('fieldline device add'),
    });
  });

  test('show prints what a device said without letting it steer the terminal', async () => {
    routes.set('GET /devices/esp-1', () => [200, device]);
    const { out } = await fieldline(['device', 'show', 'esp-1']);
    expect(out).toContain('Cold\\u001b[2Jroom');
    expect(out).not.toContain('\u001b[2J');
    expect(out).toMatch(/^temperature {3}21\.5 {2}°C {4}number {3}\S+/m);
  });

  test('remove wants the id typed, or --yes', async () => {
    routes.set('GET /devices/esp-1', () => [200, device]);
    routes.set('DELETE /devices/esp-1', () => [204, undefined]);
    const removed = () => asked.includes('DELETE /devices/esp-1');
    expect((await fieldline(['device', 'remove', 'esp-1'])).code).toBe(EXIT.usage);
    expect((await fieldline(['device', 'remove', 'esp-1'], 'yes\n')).code).toBe(EXIT.ok);
    expect(removed()).toBe(false);
    await fieldline(['device', 'remove', 'esp-1'], 'esp-1\n');
    expect(removed()).toBe(true);
    asked = [];
    expect((await fieldline(['device', 'remove', 'esp-1', '--yes'])).code).toBe(EXIT.ok);
    expect(removed()).toBe(true);
  });
});

describe('token', () => {
  const token = { id: 't1', name: null, createdAt: 1_767_225_600_000, lastUsedAt: null, expiresAt: null };

  test('list, add and revoke', async () => {
    routes.set('GET /devices/esp-1/tokens', () => [200, { items: [token], next: null }]);
    routes.set('POST /devices/esp-1/tokens', (body) => {
      expect(body).toEqual({ name: 'spare', expiresAt: expect.closeTo(Date.now() + 30 * 86_400_000, -4) });
      return [201, { ...token, id: 't2', token: 'fld_spare' }];
    });
    routes.set('DELETE /devices/esp-1/tokens/t1', () => [204, undefined]);
    const list = await fieldline(['token', 'list', 'esp-1']);
    expect(list.out).toContain('t1        -     2026-01-01 00:00:00Z  never      never');
    const added = await fieldline(['token', 'add', 'esp-1', '--name', 'spare', '--expires', '30d']);
    expect(added.out).toContain('fld_spare');
    expect((await fieldline(['token', 'revoke', 'esp-1', 't1'])).code).toBe(EXIT.ok);
    expect(asked.at(-1)).toBe('DELETE /devices/esp-1/tokens/t1');
  });
});

describe('config', () => {
  test('prints what is in effect, from file and environment, without secrets', async () => {
    const file = join(directory, 'hub.yaml');
    await writeFile(file, 'port: 9090\n');
    env = { FIELDLINE_HOST: '0.0.0.0', FIELDLINE_ADMIN_TOKEN: `fla_${'s'.repeat(43)}` };
    const { code, out, err } = await fieldline(['config', '--config', file]);
    expect(err).toBe('');
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('port: 9090');
    expect(out).toContain('host: 0.0.0.0');
    expect(out).not.toContain('sssss');
  });

  test('says what is wrong', async () => {
    env = { FIELDLINE_PROT: '1' };
    const { code, err } = await fieldline(['config']);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('FIELDLINE_PROT');
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe('failures', () => {
  test.each([
    [['device', 'lst'], EXIT.usage, 'unknown command'],
    [['device', 'add'], EXIT.usage, "missing required argument 'id'"],
    [['device', 'add', 'x', '--tag', 'site'], EXIT.usage, 'A tag is key=value.'],
    [['device', 'list', '--online', '--offline'], EXIT.usage, 'exclude each other'],
    [['token', 'add', 'x', '--expires', 'soon'], EXIT.usage, '30d'],
    [['device', 'show', 'x'], EXIT.notFound, 'Not found.'],
    [['--url', 'http://127.0.0.1:1', 'device', 'list'], EXIT.unreachable, 'fieldline start'],
    [['--url', 'nonsense', 'device', 'list'], EXIT.usage, 'not an address'],
  ])('%j ends with %i', async (words, code, message) => {
    const result = await fieldline(words);
    expect(result.err).toContain(message);
    expect(result).toMatchObject({ code, out: '' });
  });

  test('help and version are no failures', async () => {
    expect(await fieldline(['--version'])).toMatchObject({ code: EXIT.ok, out: '0.1.0\n' });
    const help = await fieldline(['--help']);
    expect(help.code).toBe(EXIT.ok);
    expect(help.out).toContain('Exit codes:');
  });
});
