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
    { code: 'not_found', detail: 'Not found.' },
  ];
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** Runs a command line as a shell would; with `input`, somebody sits at the terminal and types it. */
async function fieldline(words: string[], input?: string, isTTY = input !== undefined) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
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
    routes.set('GET /connection', () => [
      200,
      {
        loopbackOnly: false,
        urls: ['http://192.168.4.2:8080'],
        otherUrls: [],
        mqtt: { embedded: true, host: null, port: 1883, secure: false, prefix: 'fieldline/v1' },
      },
    ]);
    routes.set('GET /profiles/env-sensor', () => [
      200,
      { profile: 'env-sensor', metrics: { humidity: { type: 'number', min: 0, max: 100 } } },
    ]);
    const words = ['device', 'add', 'esp-1', '--profile', 'env-sensor', '-t', 'site=north', '-t', 'room=a=b'];
    const { code, out } = await fieldline(words);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('fld_secret   its token; shown once');
    expect(out).toContain(`curl ${env.FIELDLINE_URL}/api/v1/ingest/esp-1`);
    expect(out).toContain(`'{"values":{"humidity":50}}'`);
    expect(out).toContain('mosquitto_pub -h 127.0.0.1 -p 1883 -u esp-1 -P fld_secret');
    expect(out).toContain('hub.begin("192.168.4.2", 8080, "/ws/v1/device");');
    expect(out).toContain('hub.setAuthorization("esp-1", "fld_secret");');
  });

  test('add goes on where the hub tells nothing more than the token', async () => {
    routes.set('POST /devices', () => [201, { device, token: 'fld_secret' }]);
    const { code, out } = await fieldline(['device', 'add', 'esp-1']);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('"temperature":21.5');
    expect(out).not.toContain('mosquitto_pub');
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

describe('api tokens', () => {
  const token = { id: 't1', name: 'ci', role: 'viewer', createdAt: 0, lastUsedAt: null, expiresAt: null };

  test('list, add and revoke', async () => {
    routes.set('GET /tokens', () => [200, { items: [token], next: null }]);
    routes.set('POST /tokens', (body) => {
      expect(body).toEqual({ name: 'ci', role: 'operator' });
      return [201, { ...token, token: 'fla_new' }];
    });
    routes.set('DELETE /tokens/t1', () => [204, undefined]);
    expect((await fieldline(['token', 'api', 'list'])).out).toContain('t1        ci    viewer');
    expect((await fieldline(['token', 'api', 'add', 'ci', '-r', 'operator'])).out).toContain('fla_new');
    expect((await fieldline(['token', 'api', 'add', 'ci', '-r', 'root'])).code).toBe(EXIT.usage);
    expect((await fieldline(['token', 'api', 'revoke', 't1'])).code).toBe(EXIT.ok);
  });
});

test('login prints a link', async () => {
  routes.set('POST /session/links', () => [201, { code: 'abc', expiresAt: 0 }]);
  expect(await fieldline(['login'])).toMatchObject({
    code: EXIT.ok,
    out: `${env.FIELDLINE_URL}/#/login?code=abc\n`,
  });
});

describe('user', () => {
  const user = { username: 'ada', role: 'admin', createdAt: 0, lastUsedAt: null };
  const PASSWORD = 'correct horse battery';

  test('add asks for the password twice and does not show it', async () => {
    routes.set('POST /users', (body) => {
      expect(body).toEqual({ username: 'ada', password: PASSWORD, role: 'admin' });
      return [201, user];
    });
    const words = ['user', 'add', 'ada', '--role', 'admin'];
    const { code, out, err } = await fieldline(words, `${PASSWORD}\n${PASSWORD}\n`);
    expect(code).toBe(EXIT.ok);
    expect(err).toContain('Once more:');
    expect(out + err).not.toContain(PASSWORD);
    asked = [];
    expect((await fieldline(words, `${PASSWORD}\nsomething else\n`)).code).toBe(EXIT.usage);
    expect((await fieldline(words, '')).code).toBe(EXIT.usage);
    expect(asked).toEqual([]);
  });

  test('password is read from a pipe as one line', async () => {
    routes.set('PATCH /users/ada', (body) => {
      expect(body).toEqual({ password: PASSWORD });
      return [200, user];
    });
    expect((await fieldline(['user', 'password', 'ada'], `${PASSWORD}\n`, false)).code).toBe(EXIT.ok);
    expect((await fieldline(['user', 'password', 'ada'], '', false)).code).toBe(EXIT.usage);
  });

  test('list, role and remove', async () => {
    routes.set('GET /users', () => [200, { items: [user], next: null }]);
    routes.set('PATCH /users/ada', () => [200, user]);
    routes.set('DELETE /users/ada', () => [204, undefined]);
    expect((await fieldline(['user', 'list'])).out).toContain('ada   admin  1970-01-01 00:00:00Z  never');
    expect((await fieldline(['user', 'role', 'ada', 'admin'])).code).toBe(EXIT.ok);
    expect((await fieldline(['user', 'remove', 'ada'])).code).toBe(EXIT.ok);
  });
});

describe('claim', () => {
  const claim = {
    ...{ id: 'c1', name: null, profile: 'env-sensor', tags: {}, idPrefix: 'env-sensor-', approval: true },
    ...{
      renew: false,
      limit: 50,
      used: 3,
      createdBy: 'user:ada',
      createdAt: 0,
      expiresAt: 1,
      lastUsedAt: null,
    },
  };

  test('add, list, pending, approve', async () => {
    routes.set('POST /claims', (body) => {
      expect(body).toEqual({ profile: 'env-sensor', limit: 50, tags: { site: 'north' }, approval: true });
      return [201, { ...claim, claim: 'flc_secret' }];
    });
    routes.set('GET /claims', () => [200, { items: [claim], next: null }]);
    const waiting = { id: 'w1', claim: 'c1', profile: 'env-sensor', hardwareId: 'a4:cf', name: 'x\u001b[2J' };
    routes.set('GET /claims/pending', () => [
      200,
      { items: [{ ...waiting, address: '192.0.2.1', createdAt: 0, device: null }], next: null },
    ]);
    routes.set('POST /claims/pending/w1/approve', () => [200, { ...waiting, device: 'env-sensor-a4cf' }]);
    const words = ['claim', 'add', '-p', 'env-sensor', '-l', '50', '-t', 'site=north', '--approval'];
    expect((await fieldline(words)).out).toContain('flc_secret');
    expect((await fieldline(['claim', 'add'])).code).toBe(EXIT.usage);
    expect((await fieldline(['claim', 'list'])).out).toContain('3/50');
    const list = (await fieldline(['claim', 'pending'])).out;
    expect(list).toContain('a4:cf');
    expect(list).not.toContain('\u001b');
    expect((await fieldline(['claim', 'approve', 'w1'])).err).toContain('env-sensor-a4cf');
  });
});

describe('profile header', () => {
  test('prints what the hub knows, or what a file says', async () => {
    const profile = { profile: 'env-sensor', metrics: { humidity: { type: 'number', min: 0 } } };
    routes.set('GET /profiles/env-sensor', () => [200, { ...profile, retyped: {} }]);
    const { code, out } = await fieldline(['profile', 'header', 'env-sensor']);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain('#define ENV_SENSOR_HUMIDITY "humidity"\n');
    expect(out).toMatch(/\n#endif\n$/);
    const file = join(directory, 'mine.yaml');
    await writeFile(file, 'profile: mine\nmetrics: { on: { type: boolean } }\n');
    expect((await fieldline(['profile', 'header', file])).out).toContain('#define MINE_ON "on"\n');
    expect(asked).toEqual(['GET /profiles/env-sensor']);
  });

  test('says what is wrong with a file', async () => {
    const file = join(directory, 'broken.yaml');
    await writeFile(file, 'profile: mine\nmetrics: { on: { type: bool } }\n');
    const broken = await fieldline(['profile', 'header', file]);
    expect(broken.code).toBe(EXIT.failed);
    expect(broken.err).toContain('broken.yaml:2:');
    expect((await fieldline(['profile', 'header', join(directory, 'none.yaml')])).code).toBe(EXIT.usage);
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

describe('alarms', () => {
  test.each([
    [['alarms'], 'No alarm is raised.'],
    [['alarms', '--limit', '5'], 'No alarm is raised.'],
    [['alarms', '--device', 'x'], 'No alarm fits.'],
    [['alarms', '--state', 'cleared'], 'No alarm fits.'],
  ])('%j of none says %s', async (words, line) => {
    routes.set('GET /alarms', () => [200, { items: [], next: null }]);
    expect(await fieldline(words)).toEqual({ code: EXIT.ok, out: '', err: `${line}\n` });
  });
});

describe('failures', () => {
  test('a device that is there already may have another token', async () => {
    routes.set('POST /devices', () => [409, { code: 'device_exists', detail: 'There is a device already.' }]);
    const { code, err } = await fieldline(['device', 'add', 'esp-1']);
    expect(code).toBe(EXIT.failed);
    expect(err).toContain('There is a device already.');
    expect(err).toContain('\nAnother token for it: fieldline token add esp-1\n');
  });

  test('a command may wait for a device that is offline, not for one that may not connect', async () => {
    const refusal = { code: 'device_offline', detail: 'esp-1 is not there' };
    routes.set('POST /devices/esp-1/commands', () => [409, refusal]);
    routes.set('GET /devices/esp-1', () => [200, device]);
    const offline = await fieldline(['send', 'esp-1', 'relay.set']);
    expect(offline).toMatchObject({ code: EXIT.failed, out: '' });
    expect(offline.err).toMatch(/esp-1 is not there.*\nAdd --queue to have it wait\.\n$/);
    routes.set('GET /devices/esp-1', () => [200, { ...device, disabled: true }]);
    expect((await fieldline(['send', 'esp-1', 'relay.set'])).err).not.toContain('--queue');
  });

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
