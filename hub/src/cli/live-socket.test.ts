import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { LiveMessage } from '@fieldline/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { EXIT } from './exit-codes.js';
import { listen } from './listen.fixture.js';
import { followLive } from './live-socket.js';

let server: Server;
let viewers: WebSocketServer;
let url: string;
/** What the hub answers an upgrade with; 101 accepts it. */
let status: number;

beforeEach(async () => {
  status = 101;
  viewers = new WebSocketServer({ noServer: true });
  server = createServer();
  server.on('upgrade', (request, socket, head) => {
    if (status === 101) {
      viewers.handleUpgrade(request, socket, head, (viewer) => viewers.emit('connection', viewer, request));
    } else {
      socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`);
    }
  });
  url = await listen(server);
});

afterEach(() => {
  for (const viewer of viewers.clients) viewer.terminate();
  server.close();
});

function follow(overrides: { signal: AbortSignal; wait?: () => Promise<void> }) {
  const messages: LiveMessage[] = [];
  const notes: string[] = [];
  const done = followLive({
    connection: { url, token: 'fla_x', tokenSource: 'FIELDLINE_API_TOKEN' },
    subscription: { devices: ['esp-1'], what: ['telemetry'], minPeriod: 0 },
    onMessage: (message) => messages.push(message),
    onNote: (note) => notes.push(note),
    wait: () => Promise.resolve(),
    ...overrides,
  });
  return { messages, notes, done };
}

async function nextViewer(): Promise<{
  viewer: WebSocket;
  authorization: string | undefined;
  first: unknown;
}> {
  const [viewer, request] = await once(viewers, 'connection');
  const [data] = await once(viewer, 'message');
  return { viewer, authorization: request.headers.authorization, first: JSON.parse(String(data)) };
}

const update = { type: 'update', readings: [['esp-1', 1_767_225_600_123, { temperature: 21.5 }]] };

test('it subscribes with the token, hands messages on, and ends with the signal', async () => {
  const stop = new AbortController();
  const { messages, done } = follow({ signal: stop.signal });
  const { viewer, authorization, first } = await nextViewer();
  expect(authorization).toBe('Bearer fla_x');
  expect(first).toEqual({ type: 'subscribe', id: 1, devices: ['esp-1'], what: ['telemetry'], minPeriod: 0 });
  viewer.send(JSON.stringify(update));
  viewer.ping();
  await once(viewer, 'pong');
  expect(messages).toEqual([update]);
  stop.abort();
  await done;
});

test('a lost connection is made again, with the same subscription', async () => {
  const stop = new AbortController();
  const { notes, done } = follow({ signal: stop.signal });
  const before = await nextViewer();
  const again = nextViewer();
  before.viewer.terminate();
  expect((await again).first).toEqual(before.first);
  expect(notes).toEqual(['The connection to the hub ended (code 1006). Trying again…']);
  stop.abort();
  await done;
});

test('a hub that is away is tried until it is back', async () => {
  const stop = new AbortController();
  status = 503;
  let attempts = 0;
  const { notes, done } = follow({
    signal: stop.signal,
    wait: async () => {
      attempts += 1;
      if (attempts === 3) status = 101;
    },
  });
  await nextViewer();
  expect(notes).toHaveLength(3);
  expect(notes[0]).toContain('HTTP 503');
  stop.abort();
  await done;
});

test.each([401, 403])('a token that is refused with %i is not tried again', async (refused) => {
  status = refused;
  const { done } = follow({ signal: new AbortController().signal });
  await expect(done).rejects.toMatchObject({
    exitCode: EXIT.unauthorised,
    message: expect.stringContaining('FIELDLINE_API_TOKEN'),
  });
});

test.each([200, 404])('what answers %i is no hub, and is not tried again', async (answer) => {
  status = answer;
  const { done } = follow({ signal: new AbortController().signal });
  await expect(done).rejects.toThrow('does not look like a Fieldline hub');
});

test('a token that is revoked meanwhile ends it', async () => {
  const { done } = follow({ signal: new AbortController().signal });
  const { viewer } = await nextViewer();
  viewer.close(4401);
  await expect(done).rejects.toMatchObject({ exitCode: EXIT.unauthorised });
});

test('a subscription that is refused ends it', async () => {
  const { done } = follow({ signal: new AbortController().signal });
  const { viewer } = await nextViewer();
  viewer.send(JSON.stringify({ type: 'error', id: 1, code: 'bad_subscription', message: 'no such metric' }));
  await expect(done).rejects.toThrow('no such metric (bad_subscription)');
});
