import type { DeviceView } from '@fieldline/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type HubProcess, startHub } from './kit/hub-process.js';
import { clientHead, masked, OPCODE, RawWebSocket } from './kit/raw-web-socket.js';

/** The key of RFC 6455 §1.3, and the answer to it, which all three libraries check. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** Where these libraries mask at all they take four random bytes. */
const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
const NO_MASK = new Uint8Array(4);

/** esp_websocket_client's buffer, by default. */
const IDF_BUFFER_BYTES = 1_024;

let hub: HubProcess;
let token: string;
let device: string;
let made = 0;
const open: RawWebSocket[] = [];

beforeAll(async () => {
  hub = await startHub();
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});
afterAll(() => hub?.dispose());

/** What a library's `connect` writes, to the byte. */
type Handshake = (host: string, port: string) => string;

async function connect(handshake: Handshake): Promise<RawWebSocket> {
  const { hostname, port } = new URL(hub.url);
  const socket = await RawWebSocket.connect(hub.url);
  open.push(socket);
  socket.write(handshake(hostname, port));
  const head = await socket.head();
  expect(head).toMatch(/^HTTP\/1\.1 101 /);
  // As the older ones read it: names and values in exactly these letters.
  expect(head).toContain('\r\nUpgrade: websocket\r\n');
  expect(head).toContain('\r\nConnection: Upgrade\r\n');
  expect(head).toContain(`\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n`);
  // esp_websocket_client reads the answer into its buffer.
  expect(head.length).toBeLessThan(IDF_BUFFER_BYTES);
  return socket;
}

async function newDevice(): Promise<void> {
  device = `esp-${++made}`;
  token = await hub.http.addDevice(device);
}

const latest = async (metric: string) =>
  (await hub.http.get<DeviceView>(`/api/v1/devices/${device}`)).metrics[metric]?.value;

/** Espressif's `esp_websocket_client` (ESP-IDF's transport_ws.c), with the token in `headers`. */
const espIdf: Handshake = (host, port) =>
  [
    'GET /ws/v1/device HTTP/1.1',
    'Connection: Upgrade',
    `Host: ${host}:${port}`,
    'User-Agent: ESP32 Websocket Client',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    `Authorization: Bearer ${token}`,
    '\r\n',
  ].join('\r\n');

/** It writes head and payload apart, and what is longer than its buffer in fragments. */
function sendEspIdf(socket: RawWebSocket, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += IDF_BUFFER_BYTES) {
    const part = bytes.subarray(at, at + IDF_BUFFER_BYTES);
    const isFinal = at + part.length === bytes.length;
    const opcode = at === 0 ? OPCODE.text : OPCODE.continuation;
    socket.write(clientHead(opcode, part.length, MASK, isFinal), masked(part, MASK));
  }
}

/** WebSockets by Links2004 with `setAuthorization(id, token)`, which sends `Origin: file://` by default. */
const links2004: Handshake = (host, port) =>
  [
    'GET /ws/v1/device HTTP/1.1',
    `Host: ${host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Protocol: arduino',
    'Origin: file://',
    'User-Agent: arduino-WebSocket-Client',
    `Authorization: Basic ${Buffer.from(`${device}:${token}`).toString('base64')}`,
    '\r\n',
  ].join('\r\n');

/** ArduinoWebsockets by gilmaimon: no port in `Host`, an origin of its own, and no way to log in but the first message. */
const gilmaimon: Handshake = (host) =>
  [
    'GET /ws/v1/device HTTP/1.1',
    `Host: ${host}`,
    `Sec-WebSocket-Key: ${KEY}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'User-Agent: TinyWebsockets Client',
    'Origin: https://github.com/gilmaimon/TinyWebsockets',
    '\r\n',
  ].join('\r\n');

/** It masks with zeros, and writes a frame in one piece. */
function sendGilmaimon(socket: RawWebSocket, text: string): void {
  const bytes = Buffer.from(text);
  socket.write(Buffer.concat([clientHead(OPCODE.text, bytes.length, NO_MASK), bytes]));
}

describe('esp_websocket_client', () => {
  it('is heard, also in fragments, and its pings are answered', async () => {
    await newDevice();
    const socket = await connect(espIdf);
    sendEspIdf(socket, '{"temperature":21.5}');
    await expect.poll(() => latest('temperature')).toBe(21.5);
    const rows = Array.from({ length: 90 }, (_, i) => [Date.now() - 90 + i, { humidity: i + 0.5 }]);
    const long = JSON.stringify({ type: 'telemetry', rows });
    expect(long.length).toBeGreaterThan(2 * IDF_BUFFER_BYTES);
    sendEspIdf(socket, long);
    await expect.poll(() => latest('humidity')).toBe(89.5);
    // Every ten seconds, and a connection without an answer is given up.
    socket.write(clientHead(OPCODE.ping, 0, MASK));
    expect((await socket.frame(({ opcode }) => opcode === OPCODE.pong)).payload).toHaveLength(0);
  });

  it('sees no clean close when the hub restarts, after which it would stop for ever', async () => {
    await newDevice();
    const before = await connect(espIdf);
    sendEspIdf(before, '{"temperature":1}');
    await expect.poll(() => latest('temperature')).toBe(1);
    await hub.restart();
    await before.ended();
    const said = before.frames.filter(({ opcode }) => opcode !== OPCODE.ping);
    expect(said.map(({ opcode, payload }) => [opcode, JSON.parse(payload.toString())])).toEqual([
      [OPCODE.text, { type: 'bye', retryAfter: expect.any(Number) }],
    ]);
    const after = await connect(espIdf);
    sendEspIdf(after, '{"temperature":2}');
    await expect.poll(() => latest('temperature')).toBe(2);
  });
});

describe('Links2004/arduinoWebSockets', () => {
  it('is heard, with a subprotocol and an origin that nobody asked it for', async () => {
    await newDevice();
    const socket = await connect(links2004);
    // The subprotocol is not one of the hub's: nothing is echoed.
    expect(await socket.head()).not.toMatch(/sec-websocket-protocol/i);
    const text = Buffer.from('{"temperature":21.5,"door":true}');
    // In one piece as long as the heap has room for it; else head and payload apart, and a mask of zeros.
    socket.write(Buffer.concat([clientHead(OPCODE.text, text.length, MASK), masked(text, MASK)]));
    await expect.poll(() => latest('door')).toBe(true);
    const later = Buffer.from('{"temperature":22.5,"door":false}');
    socket.write(clientHead(OPCODE.text, later.length, NO_MASK), later);
    await expect.poll(() => latest('temperature')).toBe(22.5);
  });

  it('keeps what it sends until it is acknowledged, once it says hello', async () => {
    await newDevice();
    const socket = await connect(links2004);
    const say = (message: object) => {
      const text = Buffer.from(JSON.stringify(message));
      socket.write(Buffer.concat([clientHead(OPCODE.text, text.length, MASK), masked(text, MASK)]));
    };
    say({ type: 'hello', boot: 'b1', seq: 0 });
    say({ type: 'telemetry', seq: 1, values: { temperature: 20 } });
    const ack = await socket.frame(({ payload }) => payload.includes('"ack"') && payload.includes('"boot"'));
    expect(JSON.parse(ack.payload.toString())).toEqual({ type: 'ack', boot: 'b1', seq: 1 });
  });
});

describe('gilmaimon/ArduinoWebsockets', () => {
  it('logs in with its first message, and is heard', async () => {
    await newDevice();
    const socket = await connect(gilmaimon);
    sendGilmaimon(socket, JSON.stringify({ type: 'hello', token }));
    expect((await socket.frame(({ opcode }) => opcode === OPCODE.text)).payload.toString()).toContain(
      '"type":"welcome"',
    );
    sendGilmaimon(socket, '{"temperature":21.5}');
    await expect.poll(() => latest('temperature')).toBe(21.5);
  });
});
