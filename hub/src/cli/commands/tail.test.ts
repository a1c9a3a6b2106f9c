import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { EXIT } from '../exit-codes.js';
import { listen } from '../listen.fixture.js';
import { run } from '../main.js';

let server: Server;
let viewers: WebSocketServer;
let url: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    const known = request.url === '/api/v1/devices/esp-1';
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        known ? { id: 'esp-1', online: false, lastSeen: null } : { code: 'not_found', detail: 'no device' },
      ),
    );
  });
  viewers = new WebSocketServer({ server, path: '/ws/v1/live' });
  url = await listen(server);
});

afterEach(() => {
  for (const viewer of viewers.clients) viewer.terminate();
  server.closeAllConnections();
  server.close();
});

function tail(words: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const signals: (() => void)[] = [];
  const code = run({
    argv: ['node', 'fieldline', 'tail', ...words],
    env: { FIELDLINE_URL: url, FIELDLINE_API_TOKEN: 'fla_x' },
    stdin,
    stdout,
    stderr,
    once: (_signal, listener) => signals.push(listener),
  });
  return { code, stdout, stderr, interrupt: () => signals[0]?.() };
}

async function subscription(): Promise<{ viewer: WebSocket; asked: unknown }> {
  const [viewer]: WebSocket[] = await once(viewers, 'connection');
  if (viewer === undefined) throw new Error('no viewer');
  const [data] = await once(viewer, 'message');
  return { viewer, asked: JSON.parse(String(data)) };
}

/** Sends messages, and resolves once the other side has read them: a pong comes after all that was before. */
async function send(viewer: WebSocket, messages: readonly object[]): Promise<void> {
  for (const message of messages) viewer.send(JSON.stringify(message));
  viewer.ping();
  await once(viewer, 'pong');
}

const at = new Date(2026, 0, 1, 14, 3, 20, 7).getTime();
const messages = [
  {
    type: 'snapshot',
    id: 1,
    devices: [{ id: 'esp-1', online: true, values: { temperature: [at, 1] } }],
    more: false,
  },
  { type: 'status', device: 'esp-1', online: true, reason: 'connected', at },
  { type: 'update', readings: [['esp-1', at, { temperature: 21.5, note: 'a\u001b[2Jb' }]] },
  { type: 'log', device: 'esp-1', level: 'warn', message: 'brown\nout', at },
  { type: 'status', device: 'esp-1', online: false, reason: 'timeout', at },
];

test('what happens from now on is a line each, until Ctrl-C', async () => {
  const { code, stdout, stderr, interrupt } = tail(['--log']);
  const { viewer, asked } = await subscription();
  expect(asked).toMatchObject({ devices: '*', what: ['telemetry', 'status', 'log'], minPeriod: 0 });
  await send(viewer, [...messages, { type: 'lag', dropped: 12, since: at }]);
  interrupt();
  expect(await code).toBe(EXIT.ok);
  expect(String(stdout.read()).split('\n')).toEqual([
    '14:03:20.007  esp-1  connected',
    '14:03:20.007  esp-1  temperature 21.5  note a\\u001b[2Jb',
    '14:03:20.007  esp-1  warn: brown\\u000aout',
    '14:03:20.007  esp-1  disconnected (timeout)',
    '',
  ]);
  const notes = String(stderr.read());
  expect(notes).toContain(`Connected to ${url}; waiting for readings…\n`);
  expect(notes).toContain('12 updates were skipped');
});

test('--json is one object a line', async () => {
  const { code, stdout, interrupt } = tail(['esp-1', '--metric', 'temperature', '--json']);
  const { viewer, asked } = await subscription();
  expect(asked).toMatchObject({
    devices: ['esp-1'],
    metrics: ['temperature'],
    what: ['telemetry', 'status'],
  });
  await send(viewer, messages.slice(0, 3));
  interrupt();
  expect(await code).toBe(EXIT.ok);
  const lines = String(stdout.read()).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    messages[1],
    { device: 'esp-1', time: at, values: { temperature: 21.5, note: 'a\u001b[2Jb' } },
  ]);
});

test('a device that is not there, or not connected, is told at once', async () => {
  const unknown = tail(['esp-2']);
  expect(await unknown.code).toBe(EXIT.notFound);
  const offline = tail(['esp-1']);
  await subscription();
  offline.interrupt();
  await offline.code;
  expect(String(offline.stderr.read())).toContain('esp-1 is not connected; last seen: never');
});
