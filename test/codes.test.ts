import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceClient, refusedUpgrade } from './kit/device-client.js';
import { type HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { ViewerClient } from './kit/viewer-client.js';

/** Every code of protocol §1 that a device can meet is provoked here once, over a real socket. */

const T = 1_767_225_600_000;

let hub: HubProcess;
let count = 0;

beforeAll(async () => {
  hub = await startHub({
    env: {
      FIELDLINE_PROFILES: `${ROOT}test/profiles`,
      FIELDLINE_RATE_LIMIT: '0',
      FIELDLINE_DEVICE_FRAME_BYTES: '4096',
      FIELDLINE_DEVICE_METRICS_PER_READING: '4',
      FIELDLINE_DEVICE_METRICS_PER_DEVICE: '8',
      FIELDLINE_DEVICE_ROWS_PER_MESSAGE: '3',
      FIELDLINE_DEVICE_DRAIN_TIMEOUT_MS: '300',
    },
  });
});

afterAll(() => hub.dispose());

async function newDevice(
  rest: Readonly<Record<string, unknown>> = {},
  at = hub,
): Promise<{ id: string; token: string }> {
  count += 1;
  const id = `c-${count}`;
  return { id, token: await at.http.addDevice(id, rest) };
}

async function connected(
  rest: Readonly<Record<string, unknown>> = {},
  hello: Readonly<Record<string, unknown>> = {},
): Promise<{ id: string; token: string; device: DeviceClient }> {
  const { id, token } = await newDevice(rest);
  const device = await DeviceClient.connect(hub.url, { token });
  await device.hello({ boot: 'b1', seq: 0, ...hello });
  return { id, token, device };
}

describe('rejects', () => {
  const long = 'é'.repeat(129);
  const many = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`m${index}`, index]));
  it.each([
    ['bad_metric_name', { values: { 'no good': 1, ok: 1 } }, { metric: 'no good', row: 0, count: 1 }],
    ['bad_value', { values: { x: [1], ok: 1 } }, { metric: 'x' }],
    ['bad_value', { values: { x: long, ok: 1 } }, { metric: 'x' }],
    [
      'type_conflict',
      {
        rows: [
          [T, { ok: 1 }],
          [T + 1, { ok: '1' }],
          [T + 2, { ok: true }],
        ],
      },
      { metric: 'ok', row: 1, count: 2 },
    ],
    ['out_of_range', { values: { level: 101, ok: 1 } }, { metric: 'level' }],
    ['too_many_metrics', { values: { ok: 1, ...many } }, { metric: 'm3' }],
    ['bad_time', { time: -1, values: { ok: 1 } }, {}],
    [
      'bad_time',
      {
        rows: [
          ['noon', { ok: 2 }],
          [T, { ok: 1 }],
        ],
      },
      { row: 0, count: 1 },
    ],
    [
      'too_large',
      {
        rows: [
          [T, { ok: 1 }],
          [T, {}],
          [T, {}],
          [T, {}],
        ],
      },
      {},
    ],
    ['malformed', { t0: T, dt: [0], columns: { ok: [1, 2] } }, {}],
    ['malformed', {}, {}],
  ])('%s: %j', async (code, message, expected) => {
    const { device } = await connected({ profile: 'lenient' });
    device.send({ type: 'telemetry', seq: 1, ...message });
    const reject = await device.take('reject');
    expect(reject).toMatchObject({ seq: 1, code, ...expected });
    expect(reject.message).toEqual(expect.any(String));
    // The ack comes after the rejects that it covers, and comes in any case.
    expect(await device.take('ack')).toEqual({ type: 'ack', boot: 'b1', seq: 1 });
    await device.close();
  });

  it('unknown_metric: under a strict profile', async () => {
    const { device, id } = await connected({ profile: 'strict' });
    device.send({ type: 'telemetry', seq: 1, values: { level: 5, other: 1 } });
    expect(await device.take('reject')).toMatchObject({ seq: 1, code: 'unknown_metric', metric: 'other' });
    await device.acked(1);
    expect(await hub.http.history(id, 'level')).toHaveLength(1);
    await device.close();
  });

  it('too_many_metrics: of one device', async () => {
    const { device } = await connected();
    device.send({ type: 'telemetry', seq: 1, values: { a: 1, b: 1, c: 1, d: 1 } });
    device.send({ type: 'telemetry', seq: 2, values: { e: 1, f: 1, g: 1, h: 1 } });
    device.send({ type: 'telemetry', seq: 3, values: { a: 2, i: 1 } });
    expect(await device.take('reject')).toMatchObject({ seq: 3, code: 'too_many_metrics', metric: 'i' });
    await device.acked(3);
    await device.close();
  });

  it('every rejected value is in the quarantine with its reason', async () => {
    const { device, id } = await connected({ profile: 'lenient' });
    device.send({ type: 'telemetry', seq: 1, values: { level: 101, 'no good': 1 } });
    await device.acked(1);
    expect(await hub.http.quarantine(id)).toEqual(
      expect.arrayContaining([
        {
          time: expect.any(Number),
          metric: 'level',
          value: 101,
          code: 'out_of_range',
          message: expect.any(String),
          source: 'ws',
        },
        {
          time: expect.any(Number),
          metric: 'no good',
          value: 1,
          code: 'bad_metric_name',
          message: expect.any(String),
          source: 'ws',
        },
      ]),
    );
    await device.close();
  });
});

describe('errors that do not end the connection', () => {
  it.each([
    ['malformed', '{"type":"telemetry","seq":1,"values":{"t":nan}}', { seq: 1 }],
    ['malformed', 'temperature=21.5', {}],
    ['malformed', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}],
    ['malformed', '[1,2]', {}],
    ['malformed', '{"type":"hello","boot":"no good"}', {}],
    ['unknown_type', '{"type":"levitate","seq":1}', {}],
  ])('%s: %s', async (code, frame, expected) => {
    const { device } = await connected();
    device.send(frame);
    expect(await device.take('error')).toMatchObject({ code, fatal: false, ...expected });
    device.send({ type: 'telemetry', seq: 2, values: { ok: 1 } });
    await device.acked(2);
    await device.close();
  });
});

describe('close codes', () => {
  it('1009 too large', async () => {
    const { device } = await connected();
    device.send({ type: 'telemetry', seq: 1, values: { text: 'x'.repeat(5_000) } });
    expect(await device.take('error')).toMatchObject({ code: 'too_large', fatal: true });
    expect((await device.end()).code).toBe(1009);
  });

  it('4400 malformed: the tenth frame within a minute', async () => {
    const { device } = await connected();
    for (let n = 0; n < 10; n++) device.send('{');
    for (let n = 0; n < 9; n++) expect(await device.take('error')).toMatchObject({ fatal: false });
    expect(await device.take('error')).toMatchObject({ code: 'malformed', fatal: true });
    expect((await device.end()).code).toBe(4400);
  });

  it('4400 boot_reused: hello.seq below what the hub has', async () => {
    const { device, token } = await connected();
    device.send({ type: 'telemetry', seq: 5, values: { ok: 1 } });
    await device.acked(5);
    await device.close();
    const again = await DeviceClient.connect(hub.url, { token });
    again.send({ type: 'hello', boot: 'b1', seq: 4 });
    expect(await again.take('error')).toMatchObject({ code: 'boot_reused', fatal: true });
    expect((await again.end()).code).toBe(4400);
  });

  it('4401 unauthorised: anything before a hello with a token', async () => {
    const stranger = await DeviceClient.connect(hub.url);
    stranger.send({ temperature: 1 });
    expect(await stranger.take('error')).toMatchObject({ code: 'unauthorized', fatal: true });
    expect((await stranger.end()).code).toBe(4401);
  });

  it('4401 unauthorised: a hello of more than 1 KiB', async () => {
    const { token } = await newDevice();
    const stranger = await DeviceClient.connect(hub.url);
    stranger.send({ type: 'hello', token, firmware: 'x'.repeat(1_024) });
    expect((await stranger.end()).code).toBe(4401);
  });

  it('4401 revoked', async () => {
    const { device, id } = await connected();
    expect((await hub.http.request(`/api/v1/devices/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await device.take('error')).toMatchObject({ code: 'unauthorized', fatal: true });
    expect((await device.end()).code).toBe(4401);
  });

  it('4409 replaced', async () => {
    const { device, token } = await connected();
    const newer = await DeviceClient.connect(hub.url, { token });
    await newer.hello({ boot: 'b2', seq: 0 });
    expect(await device.take('error')).toMatchObject({ code: 'replaced', fatal: true });
    expect((await device.end()).code).toBe(4409);
    await newer.close();
  });

  it('4429 overrun: acks that are never read', async () => {
    const { device } = await connected({}, { caps: ['reconnect'] });
    const read = device.socket;
    read.pause();
    // Answers pile up until the hub's side of the connection is full; it then waits for the drain timeout.
    const frame = `{"type":"telemetry","seq":0,"values":{"${'x'.repeat(60)} ":1,"${'y'.repeat(60)} ":1,"z z":1}}`;
    let seq = 0;
    const feed = setInterval(() => {
      for (let n = 0; n < 500 && read.readyState === read.OPEN; n++) {
        seq += 1;
        device.send(frame.replace('"seq":0', `"seq":${seq}`));
      }
    }, 10);
    try {
      // After this line the hub waits a second for the goodbye to be read.
      await hub.output.find((line) => (line.includes('does not take its acks') ? line : undefined));
    } finally {
      clearInterval(feed);
    }
    read.resume();
    expect(await device.take('error')).toMatchObject({ code: 'overrun', fatal: true });
    expect((await device.end()).code).toBe(4429);
  });
});

/** On a hub of their own, so that nothing else has to be quick. */
describe('close codes of those who let the hub wait', () => {
  let impatient: HubProcess;

  beforeAll(async () => {
    const env = { FIELDLINE_DEVICE_HELLO_TIMEOUT_MS: '300', FIELDLINE_DEVICE_HEARTBEAT_MS: '300' };
    impatient = await startHub({ env });
  });

  afterAll(() => impatient.dispose());

  it('4408 timeout: no hello in time', async () => {
    const stranger = await DeviceClient.connect(impatient.url);
    expect(await stranger.take('error')).toMatchObject({ code: 'timeout', fatal: true });
    expect((await stranger.end()).code).toBe(4408);
  });

  it('4408 timeout: a hello that comes too late lets nobody in', async () => {
    const { token, id } = await newDevice({}, impatient);
    const late = await DeviceClient.connect(impatient.url);
    late.socket.pause(); // it does not hear that its time is over
    const witness = await DeviceClient.connect(impatient.url);
    await witness.end();
    late.send({ type: 'hello', boot: 'b1', seq: 0, token });
    late.socket.resume();
    expect((await late.end()).code).toBe(4408);
    expect(late.messages).toMatchObject([{ type: 'error', code: 'timeout' }]);
    expect(await impatient.http.get(`/api/v1/devices/${id}`)).toMatchObject({ lastSeen: null });
  });

  it('4408 timeout: silent for three heartbeats', async () => {
    const { token } = await newDevice({}, impatient);
    const device = await DeviceClient.connect(impatient.url, { token, autoPong: false });
    expect(await device.take('error')).toMatchObject({ code: 'timeout', fatal: true });
    expect((await device.end()).code).toBe(4408);
  });
});

describe('refused upgrades', () => {
  it('401 bad token', async () => {
    expect((await refusedUpgrade(hub.url, { token: 'fld_wrong' })).status).toBe(401);
    const { token } = await newDevice();
    const basic = `Basic ${Buffer.from(`somebody-else:${token}`).toString('base64')}`;
    expect((await refusedUpgrade(hub.url, { headers: { authorization: basic } })).status).toBe(401);
    expect((await refusedUpgrade(hub.url, { headers: { authorization: 'Digest x' } })).status).toBe(401);
  });

  it('403 device disabled', async () => {
    const { device, id, token } = await connected();
    const patched = await hub.http.request(`/api/v1/devices/${id}`, {
      method: 'PATCH',
      body: { disabled: true },
    });
    expect(patched.status).toBe(200);
    expect((await device.end()).code).toBe(4401);
    expect((await refusedUpgrade(hub.url, { token })).status).toBe(403);
  });
});

/** These spoil the hub for others of this address, so each has one of its own. */
describe('refused upgrades and goodbyes that concern the whole hub', () => {
  it('429 too many connections that have not logged in', async () => {
    const own = await startHub({ env: { FIELDLINE_DEVICE_UNAUTHENTICATED_PER_ADDRESS: '2' } });
    try {
      const waiting = [await DeviceClient.connect(own.url), await DeviceClient.connect(own.url)];
      const refused = await refusedUpgrade(own.url);
      expect(refused.status).toBe(429);
      expect(Number(refused.retryAfter)).toBeGreaterThan(0);
      const metrics = (await own.http.request('/metrics')).text;
      expect(metrics).toContain('fieldline_upgrades_refused_total{code="too_many_connections"} 1');
      await waiting[0]?.close();
      await expect.poll(() => DeviceClient.connect(own.url).then(() => 'let in', String)).toBe('let in');
    } finally {
      await own.dispose();
    }
  });

  it('429 too many attempts', async () => {
    const own = await startHub();
    try {
      let refused = await refusedUpgrade(own.url, { token: 'fld_wrong' });
      for (let n = 0; n < 100 && refused.status === 401; n++) {
        refused = await refusedUpgrade(own.url, { token: 'fld_wrong' });
      }
      expect(refused.status).toBe(429);
      expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    } finally {
      await own.dispose();
    }
  });

  it('1013 try later: a device that is taken over again and again, by hello', async () => {
    const { token } = await newDevice();
    let last: DeviceClient | undefined;
    for (let n = 0; n < 20; n++) {
      last = await DeviceClient.connect(hub.url);
      last.send({ type: 'hello', token, boot: `b${n}`, seq: 0, caps: ['reconnect'] });
      const answer = await last.next();
      if (answer.type === 'welcome') continue;
      expect(answer).toMatchObject({ type: 'error', code: 'try_later', fatal: true });
      expect(answer.retryAfter).toBeGreaterThan(0);
      break;
    }
    const { code } = (await last?.end()) ?? { code: 0 };
    // A client that did not say that it reconnects gets no close frame, since some stop for ever after one.
    expect([1013, 1006]).toContain(code);
  });

  it('1001 going away, and 503 for those who come then', async () => {
    const own = await startHub();
    try {
      const clean = await DeviceClient.connect(own.url, { token: await own.http.addDevice('clean') });
      await clean.hello({ boot: 'b1', seq: 0, caps: ['reconnect'] });
      const simple = await DeviceClient.connect(own.url, { token: await own.http.addDevice('simple') });
      await simple.hello({ boot: 'b1', seq: 0 });
      // The hub waits a second for a viewer that does not answer its goodbye: time to come too late.
      const deaf = await ViewerClient.connect(own.url);
      deaf.socket.pause();
      const late = await halfAnUpgrade(own.url);
      const stopped = own.stop();
      expect(await clean.take('bye')).toEqual({ type: 'bye', retryAfter: expect.any(Number) });
      expect(await late.finish()).toMatch(/^HTTP\/1\.1 503 /);
      expect((await clean.end()).code).toBe(1001);
      expect(await simple.take('bye')).toEqual({ type: 'bye', retryAfter: expect.any(Number) });
      // ESP-IDF's client stops for ever after a clean close: a TCP close without a close frame.
      expect((await simple.end()).code).toBe(1006);
      expect(await stopped).toEqual({ code: 0, signal: null });
    } finally {
      await own.dispose();
    }
  });
});

/** An upgrade whose last line is still missing: its connection is not idle when the hub begins to stop. */
async function halfAnUpgrade(url: string): Promise<{ finish(): Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (data) => {
    answer += String(data);
  });
  const ended = once(socket, 'close');
  socket.on('error', () => undefined);
  socket.write(
    'GET /ws/v1/device HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n',
  );
  return {
    finish: async () => {
      socket.write('\r\n');
      await ended;
      return answer;
    },
  };
}
