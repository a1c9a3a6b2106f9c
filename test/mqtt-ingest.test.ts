import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceView } from '@fieldline/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deadline } from './kit/deadline.js';
import { ADMIN_TOKEN, type HubOptions, type HubProcess, startHub } from './kit/hub-process.js';
import { MOSQUITTO_PROBES, type Mosquitto, startMosquitto } from './kit/mosquitto.js';
import { type MosquittoClientOptions, mosquittoPub, mosquittoSub } from './kit/mosquitto-clients.js';
import { MqttDevice, requirePaho } from './kit/mqtt-device.js';
import { compareNumbers, NO_DIFFERENCE } from './kit/numbers.js';
import { missing, requireTool } from './kit/require-tool.js';
import { freePort } from './kit/server-process.js';
import { readTrace, type SystemCall } from './kit/system-calls.js';
import { tempDir } from './kit/temp-dir.js';

/** ms since 1970 */
const T = 1_767_225_600_000;
const BROKERS = ['external', 'embedded'] as const;

const canRun =
  requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto) &&
  requireTool('mosquitto_sub', 'mosquitto-clients', MOSQUITTO_PROBES.clients) &&
  requirePaho();
const canTrace =
  canRun &&
  requireTool('strace', 'strace') &&
  (requireTool('ptrace', 'strace', ['strace', '-f', '-o', '/dev/null', 'true']) ||
    missing('strace may not trace processes here (ptrace is forbidden)'));

interface Setup {
  readonly hub: HubProcess;
  /** The broker's. */
  readonly port: number;
  /** Only with the external broker. */
  readonly mosquitto: Mosquitto | undefined;
  /** Registers a device, and answers what it needs to connect as a client of mosquitto's tools. */
  addDevice(id: string): Promise<MosquittoClientOptions>;
  /** What a reader of everything needs. */
  readonly operator: MosquittoClientOptions;
}

/** A hub with either broker. */
async function setUp(broker: (typeof BROKERS)[number], options: HubOptions = {}): Promise<Setup> {
  const mosquitto = broker === 'external' ? await startMosquitto({ lines: ['log_type all'] }) : undefined;
  onTestFinished(() => mosquitto?.dispose());
  const port = mosquitto?.port ?? (await freePort());
  const url = `mqtt://127.0.0.1:${port}`;
  const setting =
    mosquitto === undefined ? { FIELDLINE_MQTT_PORT: String(port) } : { FIELDLINE_MQTT_URL: url };
  const hub = await startHub({ ...options, env: { FIELDLINE_RATE_LIMIT: '0', ...setting, ...options.env } });
  onTestFinished(() => hub.dispose());
  return {
    hub,
    port,
    mosquitto,
    addDevice: async (id) => {
      const token = await hub.http.addDevice(id);
      return mosquitto === undefined ? { url, username: id, password: token } : { url };
    },
    operator: mosquitto === undefined ? { url, username: 'reader', password: ADMIN_TOKEN } : { url },
  };
}

async function viewOf(hub: HubProcess, id: string): Promise<DeviceView> {
  return hub.http.get<DeviceView>(`/api/v1/devices/${id}`);
}

/** Values of a metric in order of time; none while the metric is not known. */
async function values(hub: HubProcess, id: string, metric: string): Promise<unknown[]> {
  const points = await hub.http.history(id, metric).catch((error: Error) => {
    if (!error.message.includes(' 404 ')) throw error;
    return [];
  });
  return points.map(([, value]) => value);
}

/** Waits for values: what an external broker has confirmed is only on its way. */
async function waitForValues(
  hub: HubProcess,
  id: string,
  metric: string,
  expected: unknown[],
): Promise<void> {
  await vi.waitFor(async () => expect(await values(hub, id, metric)).toEqual(expected), { timeout: 15_000 });
}

describe.skipIf(!canRun).each(BROKERS)('devices that speak MQTT only, at the %s broker', (broker) => {
  it('send telemetry in every shape; what is wrong is refused as elsewhere, a redelivery stored once', async () => {
    const { hub, addDevice, operator } = await setUp(broker);
    const device = await addDevice('dev-1');
    const reader = await mosquittoSub(['fieldline/v1/devices/+/telemetry'], operator);
    onTestFinished(() => reader.kill9());
    const publish = async (...payloads: string[]): Promise<void> => {
      for (const payload of payloads) {
        const { code, output } = await mosquittoPub('fieldline/v1/ingest/dev-1', payload, device);
        expect({ code, output }).toMatchObject({ code: 0 });
      }
    };

    const first = `{"type":"telemetry","boot":"b1","seq":1,"time":${T},"values":{"n":1,"open":true}}`;
    await publish(
      first,
      first,
      `{"boot":"b1","seq":2,"rows":[[${T + 1_000},{"n":2}],[${T + 2_000},{"n":3}]]}`,
      `{"boot":"b1","seq":3,"t0":${T + 3_000},"dt":[0,1000],"columns":{"n":[4,5],"open":[null,false]}}`,
      first,
    );
    await waitForValues(hub, 'dev-1', 'n', [1, 2, 3, 4, 5]);
    await waitForValues(hub, 'dev-1', 'open', [true, false]);
    await publish('{"temperature":21.5}', '{"values":{"temperature":22}}');
    await waitForValues(hub, 'dev-1', 'temperature', [21.5, 22]);

    await publish(
      `{"boot":"b1","seq":4,"time":${T + 5_000},"values":{"n":"six","open":{},"m":1}}`,
      '{"temperature":nan}',
      'no telemetry at all',
      '{"type":"log","level":"info","message":"not here"}',
      '{"temperature":23}',
    );
    await waitForValues(hub, 'dev-1', 'm', [1]);
    await waitForValues(hub, 'dev-1', 'temperature', [21.5, 22, 23]);
    expect(await values(hub, 'dev-1', 'n')).toEqual([1, 2, 3, 4, 5]);
    const refused = (await hub.http.quarantine('dev-1')).map(({ metric, code, source }) => ({
      metric,
      code,
      source,
    }));
    expect(refused.filter(({ metric }) => metric !== null).toReversed()).toEqual([
      { metric: 'n', code: 'type_conflict', source: 'mqtt' },
      { metric: 'open', code: 'bad_value', source: 'mqtt' },
    ]);
    const unreadable = refused.filter(({ metric }) => metric === null);
    expect(unreadable.length).toBeGreaterThanOrEqual(3);
    for (const item of unreadable) expect(item).toMatchObject({ code: 'malformed', source: 'mqtt' });
    expect((await viewOf(hub, 'dev-1')).counters).toMatchObject({ duplicates: 2 });

    // And out again: once each, in order.
    await reader.message(({ payload }) => payload.includes('"temperature":23'), 'the last reading');
    const numbers = reader.messages
      .map(({ payload }) => JSON.parse(String(payload)) as { seq: number; values: { n?: number } })
      .flatMap(({ seq, values: { n } }) => (n === undefined ? [] : [[seq, n]]));
    expect(numbers).toEqual([
      [1, 1],
      [2, 2],
      [2, 3],
      [3, 4],
      [3, 5],
    ]);
  });

  it('lose nothing that was confirmed when the hub is killed, and have nothing stored twice', async () => {
    const { hub, port, mosquitto, addDevice } = await setUp(broker);
    const { password } = await addDevice('paho');
    const options = { port, id: 'paho', boot: 'b1', ...(password === undefined ? {} : { token: password }) };
    const send = (first: number, last: number): MqttDevice => {
      const device = new MqttDevice(options, first, last);
      onTestFinished(() => device.dispose());
      return device;
    };
    const stored = async () => (await values(hub, 'paho', 'n')).map(Number);

    const ROUNDS = 2;
    const MESSAGES = 1_000;
    const confirmed = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      const device = send(round * MESSAGES + 1, (round + 1) * MESSAGES);
      await device.hasAcks(300 + round * 331);
      await hub.kill9();
      // The external broker goes on taking messages, which the hub has to fetch later.
      expect(await device.ended()).toBe(mosquitto === undefined ? 3 : 0);
      for (const n of device.acked) confirmed.add(n);
      await hub.start();
    }
    const last = ROUNDS * MESSAGES;
    await vi.waitFor(
      async () => {
        const present = new Set(await stored());
        expect([...confirmed].filter((n) => !present.has(n))).toEqual([]);
      },
      { timeout: 20_000 },
    );
    const afterKills = compareNumbers(await stored(), last);
    expect({ ...afterKills, missing: [] }).toEqual(NO_DIFFERENCE);
    if (mosquitto !== undefined) expect(afterKills.missing).toEqual([]);

    // A device that has forgotten what was confirmed sends everything again.
    expect(await send(1, last).ended()).toBe(0);
    await vi.waitFor(async () => expect(compareNumbers(await stored(), last)).toEqual(NO_DIFFERENCE), {
      timeout: 20_000,
    });
  });

  it('are slowed down by the rate limit, and lose nothing by it', async () => {
    const { hub, port, addDevice } = await setUp(broker, {
      env: { FIELDLINE_RATE_LIMIT: '500', FIELDLINE_DEVICE_RATE_BURST: '100' },
    });
    const { password } = await addDevice('eager');
    const options = { port, id: 'eager', boot: 'b1', ...(password === undefined ? {} : { token: password }) };
    const device = new MqttDevice(options, 1, 1_000);
    onTestFinished(() => device.dispose());
    expect(await device.ended()).toBe(0);
    await vi.waitFor(
      async () =>
        expect(compareNumbers((await values(hub, 'eager', 'n')).map(Number), 1_000)).toEqual(NO_DIFFERENCE),
      { timeout: 20_000 },
    );
  });

  it.skipIf(!canTrace)('have their PUBACK only after fdatasync has returned', async () => {
    const MESSAGES = 30;
    const trace = tempDir('trace');
    onTestFinished(() => trace.remove());
    const file = join(trace.path, 'strace.txt');
    const { hub, mosquitto, addDevice } = await setUp(broker, {
      // -D: strace is a grandchild, so that signals and the pid are the hub's own. -y: descriptors with their paths.
      under: [
        ...['strace', '-D', '-f', '-y', '-s', '256', '-o', file],
        ...['-e', 'trace=fdatasync,fsync,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg'],
      ],
      env: { UV_USE_IO_URING: '0' },
    });
    const device = await addDevice('traced');
    for (let n = 1; n <= MESSAGES; n++) {
      await mosquittoPub(
        'fieldline/v1/ingest/traced',
        `{"boot":"b1","seq":${n},"values":{"n":${n}}}`,
        device,
      );
      // The external broker confirms by itself: the next message waits for the hub's own word.
      if (mosquitto !== undefined) await confirmedByHub(mosquitto, n);
    }
    await hub.stop();

    const calls = readTrace(readFileSync(file, 'utf8'));
    let before = 0;
    for (let n = 1; n <= MESSAGES; n++) {
      const puback = calls.findIndex((call, index) => index > before && isPuback(call));
      expect(puback, `PUBACK ${n} in the trace`).toBeGreaterThan(before);
      const since = calls.slice(before, puback);
      const written = since.findIndex((call) => isJournal(call) && call.name.includes('write'));
      const synced = since.findIndex(
        (call, index) => index > written && isJournal(call) && call.name === 'fdatasync' && call.result === 0,
      );
      expect(written, `a write to the journal before PUBACK ${n}`).toBeGreaterThanOrEqual(0);
      expect(synced, `a completed fdatasync after it, before PUBACK ${n}`).toBeGreaterThan(written);
      before = puback;
    }
    expect(calls.slice(before + 1).filter(isPuback)).toEqual([]);
  });
});

describe.skipIf(!canRun)('the embedded broker', () => {
  it('has devices online while they are connected, and its retained messages again after a restart', async () => {
    const { hub, addDevice, operator } = await setUp('embedded');
    const device = await addDevice('dev-1');
    await addDevice('dev-2');
    const connected = await mosquittoSub(['fieldline/v1/devices/dev-1/#'], device);
    onTestFinished(() => connected.kill9());
    await vi.waitFor(async () => expect(await viewOf(hub, 'dev-1')).toMatchObject({ online: true }));
    expect(await viewOf(hub, 'dev-2')).toMatchObject({ online: false });
    await mosquittoPub('fieldline/v1/ingest/dev-1', '{"temperature":21.5,"open":true}', device);
    await mosquittoPub('fieldline/v1/ingest/dev-1', '{"temperature":22.5}', device);
    await connected.message(isState({ temperature: 22.5, open: true }), 'the state');
    await connected.kill9();
    await vi.waitFor(async () => expect(await viewOf(hub, 'dev-1')).toMatchObject({ online: false }));

    await hub.restart();
    const reader = await mosquittoSub(['fieldline/v1/#'], operator);
    onTestFinished(() => reader.kill9());
    const state = await reader.message(isState({ temperature: 22.5, open: true }), 'the state');
    expect(state).toMatchObject({ topic: 'fieldline/v1/devices/dev-1/state', retained: true });
    const status = (topic: string, online: boolean) =>
      reader.message(
        (message) =>
          message.topic === `fieldline/v1/${topic}` &&
          message.retained &&
          String(message.payload).includes(`"online":${online}`),
        topic,
      );
    await status('hub/status', true);
    await status('devices/dev-1/status', false);
  });
});

/** Waits until mosquitto has seen so many PUBACKs from the hub. */
async function confirmedByHub(mosquitto: Mosquitto, count: number): Promise<void> {
  const isPuback = (line: string) => /Received PUBACK from fieldline-hub/.test(line);
  const enough = mosquitto.output.find(() =>
    mosquitto.output.lines.filter(isPuback).length >= count ? true : undefined,
  );
  await deadline(enough, () => `${count} PUBACKs of the hub:\n${mosquitto.output.tail()}`);
}

function isState(expected: object) {
  return ({ topic, payload }: { topic: string; payload: Buffer }): boolean => {
    if (!topic.endsWith('/state')) return false;
    const { values: state } = JSON.parse(String(payload)) as { values: object };
    return Object.entries(expected).every(([metric, value]) => Reflect.get(state, metric) === value);
  };
}

function isJournal({ target }: SystemCall): boolean {
  return target.includes('/journal/');
}

/** A PUBACK begins with 0x40 and its length, which strace prints as `"@\2`; MQTT 5 may add a reason. */
function isPuback({ target, text }: SystemCall): boolean {
  return /socket|TCP/i.test(target) && /"@\\[234]/.test(text);
}
