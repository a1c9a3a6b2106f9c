import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { topics as topicsUnder } from '@fieldline/protocol';
import { Aedes } from 'aedes';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../hub/src/config.js';
import type { Device } from '../hub/src/devices/device.js';
import { Presence } from '../hub/src/devices/presence.js';
import { Flow } from '../hub/src/ingest/flow.js';
import { deviceOf, ingestOf } from '../hub/src/ingest/ingest.fixture.js';
import { Submit } from '../hub/src/ingest/submit.js';
import { ExternalBroker, type ExternalBrokerOptions } from '../hub/src/mqtt/client/external-broker.js';
import { Inbox } from '../hub/src/mqtt/inbox.js';
import { ingestCounters } from '../hub/src/mqtt/ingest-counters.js';
import { RetainedTopics } from '../hub/src/mqtt/retained-topics.js';
import { StatePublisher } from '../hub/src/mqtt/state-publisher.js';
import { StatusPublisher } from '../hub/src/mqtt/status-publisher.js';
import { MqttSink } from '../hub/src/sinks/mqtt/mqtt-sink.js';
import { describeSink, type StoredValue } from '../hub/src/sinks/sink.contract.js';
import {
  append,
  MIDNIGHT_US,
  openJournal,
  reading,
  scratchDirectory,
} from '../hub/src/sinks/sinks.fixture.js';
import { deadline } from './kit/deadline.js';
import { ROOT } from './kit/hub-process.js';
import { LineReader } from './kit/line-reader.js';
import { MOSQUITTO_PROBES, type Mosquitto, type MosquittoOptions, startMosquitto } from './kit/mosquitto.js';
import { type MosquittoSub, mosquittoPub, mosquittoSub } from './kit/mosquitto-clients.js';
import { requireTool } from './kit/require-tool.js';
import { TestCertificates } from './kit/test-certificates.js';

const canRun =
  requireTool('mosquitto', 'mosquitto', MOSQUITTO_PROBES.mosquitto) &&
  requireTool('mosquitto_sub', 'mosquitto-clients', MOSQUITTO_PROBES.clients);

const TOPICS = topicsUnder();
const silent = { info: () => undefined, warn: () => undefined, debug: () => undefined };
const QOS_1 = { qos: 1, retain: false } as const;

interface Settings extends Partial<ExternalBrokerOptions> {
  /** Settings by their name in the environment, without `FIELDLINE_`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The hub's side, closed at the end of the test. */
function external(url: string, { env = {}, ...options }: Settings = {}): ExternalBroker {
  const named = Object.entries({ MQTT_URL: url, ...env }).map(([name, value]) => [
    `FIELDLINE_${name}`,
    value,
  ]);
  const broker = new ExternalBroker({
    config: loadConfig(Object.fromEntries(named)),
    topics: TOPICS,
    take: async () => undefined,
    takeUp: async () => undefined,
    takeRequest: () => undefined,
    counters: ingestCounters(),
    log: silent,
    now: Date.now,
    retry: { minMs: 20, maxMs: 200 },
    ...options,
  });
  onTestFinished(() => broker.close());
  return broker;
}

async function mosquittoFor(options: MosquittoOptions): Promise<Mosquitto> {
  const mosquitto = await startMosquitto(options);
  onTestFinished(() => mosquitto.dispose());
  return mosquitto;
}

function connected(broker: ExternalBroker): Promise<void> {
  const up = new Promise<void>((resolve) => {
    broker.onConnected(resolve);
  });
  return deadline(up, () => `the connection; ${broker.error}`);
}

/** Messages that a `take` was handed, and what became of them. */
class Taken {
  readonly messages: {
    device: string;
    payload: string;
    release: () => void;
    fail: (error: Error) => void;
  }[] = [];
  readonly #waiters: (() => void)[] = [];

  readonly take = (device: string, payload: Buffer): Promise<void> =>
    new Promise((release, fail) => {
      this.messages.push({ device, payload: payload.toString(), release, fail });
      for (const waiter of this.#waiters) waiter();
    });

  async count(count: number): Promise<void> {
    const there = new Promise<void>((resolve) => {
      const check = () => {
        if (this.messages.length >= count) resolve();
      };
      this.#waiters.push(check);
      check();
    });
    await deadline(there, () => `${count} messages, ${this.messages.length} came`);
  }
}

describe.runIf(canRun)('with mosquitto', () => {
  let mosquitto: Mosquitto;
  const subscribers = new Map<string, MosquittoSub>();

  beforeAll(async () => {
    mosquitto = await startMosquitto();
  });

  afterAll(async () => {
    await Promise.all([...subscribers.values()].map((sub) => sub.stop()));
    await mosquitto.dispose();
  });

  async function subscriber(topic: string, at: Mosquitto = mosquitto): Promise<MosquittoSub> {
    const sub = await mosquittoSub([topic], { url: at.url });
    onTestFinished(() => sub.stop());
    return sub;
  }

  describeSink(
    'MQTT',
    async (directory) => {
      const prefix = `t/${directory.replaceAll(/[^A-Za-z0-9]/g, '')}`;
      const topics = topicsUnder(prefix);
      // It outlives the restart that one of the tests makes.
      const sub = subscribers.get(prefix) ?? (await mosquittoSub([`${prefix}/#`], { url: mosquitto.url }));
      subscribers.set(prefix, sub);
      const clientId = directory.replaceAll(/[^A-Za-z0-9]/g, '').slice(-20);
      const broker = external(mosquitto.url, { topics, env: { MQTT_CLIENT_ID: clientId } });
      await broker.open();
      return {
        sink: new MqttSink(broker, topics, async () => undefined),
        stored: async () => {
          // The broker has confirmed them, and hands them on in its own time.
          const mark = `${prefix}/mark/${Math.random()}`;
          await broker.publish(mark, '', QOS_1);
          await sub.message(({ topic }) => topic === mark, mark);
          return sub.messages.filter(({ topic }) => topic.endsWith('/telemetry')).flatMap(valuesOf);
        },
        close: () => broker.close(),
      };
    },
    { exactlyOnce: false, negativeZero: false, timeStepUs: 1_000 },
  );

  describe('connecting', () => {
    it('says why when the broker refuses the password, and works with the right one', async () => {
      const guarded = await mosquittoFor({ users: { hub: 'right@/%' } });
      const wrong = external(guarded.url, { env: { MQTT_USERNAME: 'hub', MQTT_PASSWORD: 'wrong' } });
      await wrong.open();
      expect(wrong.isConnected).toBe(false);
      expect(wrong.error).toContain('not authorised');
      await expect(wrong.publish('t', '', QOS_1)).rejects.toMatchObject({ kind: 'credentials' });
      const sink = new MqttSink(wrong, TOPICS, async () => undefined);
      await expect(sink.open()).rejects.toMatchObject({ kind: 'credentials' });
      const right = external(guarded.url, { env: { MQTT_USERNAME: 'hub', MQTT_PASSWORD: 'right@/%' } });
      await right.open();
      expect([right.isConnected, right.error]).toEqual([true, null]);
      const inUrl = external(guarded.url.replace('//', `//hub:${encodeURIComponent('right@/%')}@`), {
        env: { MQTT_CLIENT_ID: 'other' },
      });
      await inUrl.open();
      expect([inUrl.isConnected, inUrl.error]).toEqual([true, null]);
    });

    it('speaks TLS, with a certificate of its own where the broker wants one', async () => {
      const certificates = new TestCertificates();
      onTestFinished(() => certificates.remove());
      const { caFile } = certificates;
      const strict = await mosquittoFor({
        tls: { caFile, ...certificates.issue('broker') },
        lines: ['require_certificate true'],
      });
      const own = certificates.issue('hub');
      const ca = { MQTT_CA_FILE: caFile };
      const full = { ...ca, MQTT_CERT_FILE: own.certFile, MQTT_KEY_FILE: own.keyFile };
      const good = external(strict.url, { env: full });
      await good.open();
      await good.publish('t', 'over TLS', QOS_1);
      const stranger = external(strict.url, {
        env: { MQTT_CERT_FILE: own.certFile, MQTT_KEY_FILE: own.keyFile },
      });
      await stranger.open();
      expect(stranger.error).toMatch(/certificate|self.signed/i);
      const anonymous = external(strict.url, { env: ca });
      await anonymous.open();
      expect(anonymous.isConnected).toBe(false);
      const missing = external(strict.url, { env: { MQTT_CA_FILE: '/nowhere/ca.crt' } });
      await missing.open();
      expect(missing.error).toContain('/nowhere/ca.crt');
    });

    it('speaks WebSocket', async () => {
      const web = await mosquittoFor({ webSocket: true });
      const taken = new Taken();
      const broker = external(web.url, { take: taken.take });
      await broker.start();
      await broker.open();
      await Promise.all(
        Array.from({ length: 500 }, () => broker.publish(TOPICS.ingest('d'), '{"t":1}', QOS_1)),
      );
      await taken.count(1);
      expect(taken.messages[0]).toMatchObject({ device: 'd', payload: '{"t":1}' });
    });

    it('falls back to MQTT 3.1.1 where the broker refuses 5, and remembers it', async () => {
      const versions: number[] = [];
      const old = await Aedes.createBroker();
      old.preConnect = (_client, packet, callback) => {
        versions.push(packet.protocolVersion ?? 0);
        callback(null, true);
      };
      const server = createServer(old.handle).listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(async () => {
        server.close();
        await new Promise<void>((resolve) => old.close(() => resolve()));
      });
      const { port } = server.address() as { port: number };
      const taken = new Taken();
      const broker = external(`mqtt://127.0.0.1:${port}`, { take: taken.take });
      await broker.open();
      await connected(broker);
      await broker.start();
      await broker.publish(TOPICS.ingest('d'), '{"t":1}', QOS_1);
      await taken.count(1);
      expect(versions).toEqual([5, 4, 4]);
    });

    it('notices a broker that says nothing any more, and goes on when it speaks again', async () => {
      const icy = await mosquittoFor({});
      const broker = external(icy.url, { keepaliveSeconds: 1 });
      await broker.open();
      icy.freeze();
      const lost = broker.publish('t', 'x', QOS_1);
      await expect(deadline(lost, () => 'the silence to be noticed')).rejects.toMatchObject({
        kind: 'network',
      });
      expect(broker.isConnected).toBe(false);
      await expect(broker.publish('t', 'x', QOS_1)).rejects.toMatchObject({ kind: 'network' });
      icy.thaw();
      await connected(broker);
      await broker.publish('t', 'x', QOS_1);
    });

    it('comes again after the broker was killed, and sends nothing by itself', async () => {
      const mortal = await mosquittoFor({});
      const broker = external(mortal.url);
      await broker.open();
      await mortal.kill9();
      await expect(broker.publish('t', 'lost', QOS_1)).rejects.toMatchObject({ kind: 'network' });
      await mortal.start();
      const sub = await subscriber('#', mortal);
      await connected(broker);
      await broker.publish('t', 'said', QOS_1);
      await sub.received(1);
      expect(sub.messages.map(({ payload }) => `${payload}`)).toEqual(['said']);
    });
  });

  describe('sending', () => {
    it('gives up exactly the reading that is larger than the broker takes', async () => {
      const small = await mosquittoFor({ lines: ['max_packet_size 300'] });
      const broker = external(small.url);
      await broker.open();
      const sub = await subscriber(TOPICS.telemetry('d'), small);
      const journal = await openJournal(await scratchDirectory());
      const readings = ['a', 'b'.repeat(256), 'c'].map((text, n) => reading('d', MIDNIGHT_US + n, { text }));
      const sink = new MqttSink(broker, TOPICS, () => broker.open());
      const rejected = await sink.write([await append(journal, readings)], new AbortController().signal);
      expect(rejected).toMatchObject([{ reading: readings[1], code: 'sink_rejected' }]);
      await sub.received(2);
      expect(sub.messages.map(({ payload }) => JSON.parse(`${payload}`).values.text)).toEqual(['a', 'c']);
    });

    it('keeps all where the broker forbids the topic', async () => {
      const guarded = await mosquittoFor({ lines: ['acl_file /dev/null'] });
      const broker = external(guarded.url);
      await broker.open();
      await expect(broker.publish(TOPICS.telemetry('d'), '{}', QOS_1)).rejects.toMatchObject({
        kind: 'credentials',
      });
    });
  });

  describe('what is retained', () => {
    it('says who is online and what the latest values are, again after the broker forgot', async () => {
      const forgetful = await mosquittoFor({});
      const broker = external(forgetful.url);
      const presence = new Presence(() => 1_000);
      const [here, away] = [deviceOf('here'), deviceOf('away')];
      const byId = new Map<string, Device>([here, away].map((device) => [device.id, device]));
      here.addMetric('t', 'number', 0);
      here.take(reading('here', MIDNIGHT_US, { t: 21.5 }), 1);
      const retained = new RetainedTopics(broker);
      const devices = { get: (id: string) => byId.get(id), all: () => byId.values(), ids: () => byId.keys() };
      const parts = { transport: broker, retained, devices, presence, topics: TOPICS, now: () => 2_000 };
      const [state, status] = [new StatePublisher(parts), new StatusPublisher(parts)];
      retained.open();
      status.open();
      state.open();
      onTestFinished(() => {
        state.close();
        retained.close();
      });
      await broker.open();
      presence.joined(here);
      const expected = {
        [TOPICS.hubStatus]: { online: true, time: 2_000 },
        [TOPICS.status('here')]: { online: true, time: 1_000, reason: 'connected' },
        [TOPICS.status('away')]: { online: false, time: 2_000, reason: 'not_connected' },
        [TOPICS.state('here')]: { time: MIDNIGHT_US / 1_000, values: { t: 21.5 } },
      };
      expect(await retainedAt(forgetful, 4)).toEqual(expected);
      await forgetful.kill9();
      await forgetful.start();
      await connected(broker);
      expect(await retainedAt(forgetful, 4)).toEqual(expected);
      byId.delete('away');
      status.forget('away');
      status.close();
      await deadline(retained.settle(20_000), () => 'the goodbye');
      expect(await retainedAt(forgetful, 3)).toEqual({
        [TOPICS.hubStatus]: { online: false, time: 2_000 },
        [TOPICS.status('here')]: expected[TOPICS.status('here')],
        [TOPICS.state('here')]: expected[TOPICS.state('here')],
      });
    });

    it('the will says that the hub is gone when its process is killed', async () => {
      const hub = await hubProcess(mosquitto.url);
      const sub = await subscriber(TOPICS.hubStatus);
      hub.kill('SIGKILL');
      await sub.received(1);
      expect(JSON.parse(`${sub.messages[0]?.payload}`)).toMatchObject({ online: false });
    });

    it('a clean goodbye publishes no will', async () => {
      const broker = external(mosquitto.url, { env: { MQTT_CLIENT_ID: 'polite' } });
      await broker.open();
      const sub = await subscriber(TOPICS.hubStatus);
      await broker.close();
      await mosquittoPub(TOPICS.hubStatus, 'last', { url: mosquitto.url });
      await sub.message(({ payload }) => `${payload}` === 'last', 'the last message');
      expect(sub.messages.filter(({ retained }) => !retained)).toHaveLength(1);
    });
  });

  describe('ingest', () => {
    it('acks only after the sync: what was not acked comes again, and is stored once', async () => {
      const keeping = await mosquittoFor({});
      const { ingest, commit, journal, counters } = ingestOf();
      const device = deviceOf('d');
      const devices = { get: (id: string) => (id === 'd' ? device : undefined) };
      const submit = new Submit({
        ...{ ingest, commit, flow: new Flow(), devices, refuse: () => undefined, now: Date.now },
        journal: { stats: () => ({ trouble: null }) },
        rate: { rateLimit: 0, device: { rateBurst: 1_000 } },
      });
      const inbox = new Inbox({
        ...{ devices, submit, refuseFrame: () => undefined, maxBytes: 65_536, log: silent, now: Date.now },
        complaints: { of: () => ({ reject() {}, malformed() {}, unknownType() {} }) },
        acks: { settled: () => undefined },
        live: { wantsRaw: () => false, raw: () => undefined },
        counters: ingestCounters(),
      });
      // Synced, and then killed before its PUBACK went out.
      let synced: () => void = () => undefined;
      const isSynced = new Promise<void>((resolve) => {
        synced = resolve;
      });
      const first = external(keeping.url, {
        take: async (id, payload) => {
          await inbox.take(id, payload);
          synced();
          await new Promise(() => undefined);
        },
      });
      await first.start();
      const payload = '{"boot":"b1","seq":1,"values":{"t":21.5}}';
      await mosquittoPub(TOPICS.ingest('d'), payload, { url: keeping.url });
      (await journal.next()).succeed();
      await isSynced;
      // The next one takes the session over, as a hub does that was started again.
      const taken = new Taken();
      const second = external(keeping.url, { take: taken.take });
      await second.start();
      await taken.count(1);
      await inbox.take('d', Buffer.from(taken.messages[0]?.payload ?? ''));
      taken.messages[0]?.release();
      await mosquittoPub(TOPICS.ingest('d'), 'next', { url: keeping.url });
      await taken.count(2);
      expect(taken.messages.map((message) => message.payload)).toEqual([payload, 'next']);
      expect(journal.written.flatMap(({ readings }) => readings)).toHaveLength(1);
      expect(counters.duplicates).toBe(1);
    });

    it('connects anew when a message could not be taken, and gets it again with those behind it', async () => {
      const keeping = await mosquittoFor({});
      const taken = new Taken();
      const broker = external(keeping.url, { take: taken.take });
      await broker.start();
      await mosquittoPub(TOPICS.ingest('d'), ['1', '2', '3'], { url: keeping.url });
      await taken.count(3);
      const [one, two, three] = taken.messages;
      three?.release();
      two?.fail(new Error('no room'));
      one?.release();
      await taken.count(5);
      expect(taken.messages.slice(3).map(({ payload }) => payload)).toEqual(['2', '3']);
    });

    it('keeps the session while the hub is away', async () => {
      const keeping = await mosquittoFor({ persistence: true });
      const first = external(keeping.url);
      await first.start();
      await first.stopIngest();
      await first.close();
      const lines = Array.from({ length: 50 }, (_, n) => `{"n":${n}}`);
      await mosquittoPub(TOPICS.ingest('d'), lines, { url: keeping.url });
      await keeping.restart();
      const taken: string[] = [];
      const all = new Promise<void>((resolve) => {
        const take = async (_device: string, payload: Buffer) => {
          if (taken.push(payload.toString()) === lines.length) resolve();
        };
        void external(keeping.url, { take }).start();
      });
      await deadline(all, () => `50 messages; ${taken.length} came`);
      expect(taken).toEqual(lines);
    });

    it('takes nothing that is retained, and nothing that names no device', async () => {
      const keeping = await mosquittoFor({});
      const { url } = keeping;
      await mosquittoPub(TOPICS.ingest('d'), 'old', { url, retain: true });
      const taken = new Taken();
      const counters = ingestCounters();
      // MQTT 5 brokers are asked not to send it at all; those of 3.1.1 do.
      const broker = external(url, { take: taken.take, counters });
      await broker.start();
      await mosquittoPub(TOPICS.ingest('no-§-device'), 'x', { url });
      await mosquittoPub(TOPICS.ingest('d'), 'new', { url, retain: true });
      await taken.count(1);
      expect(taken.messages.map(({ payload }) => payload)).toEqual(['new']);
      expect(counters).toMatchObject({ badTopics: 1 });
    });
  });
});

/** The values of a telemetry message. */
function valuesOf({ topic, payload }: { topic: string; payload: Buffer }): StoredValue[] {
  const { time, values } = JSON.parse(payload.toString()) as { time: number; values: Record<string, number> };
  const device = topic.split('/').at(-2) ?? '';
  return Object.entries(values).map(([metric, value]) => ({ device, metric, value, time: time * 1_000 }));
}

/** The `count` messages that are retained below the prefix, by topic. */
async function retainedAt({ url }: Mosquitto, count: number): Promise<Record<string, unknown>> {
  const sub = await mosquittoSub([`${TOPICS.prefix}/#`], { url });
  onTestFinished(() => sub.stop());
  await sub.message(() => new Set(sub.messages.map(({ topic }) => topic)).size >= count, `${count} topics`);
  return Object.fromEntries(sub.messages.map(({ topic, payload }) => [topic, JSON.parse(`${payload}`)]));
}

/** The hub's connection in a process of its own, which can be killed. */
async function hubProcess(url: string): Promise<ChildProcess> {
  const script = `
    import { topics } from '@fieldline/protocol';
    import { loadConfig } from '${ROOT}hub/dist/config.js';
    import { ExternalBroker } from '${ROOT}hub/dist/mqtt/client/external-broker.js';
    const log = { info() {}, warn() {}, debug() {} };
    const config = loadConfig({ FIELDLINE_MQTT_URL: ${JSON.stringify(url)}, FIELDLINE_MQTT_CLIENT_ID: 'mortal' });
    const broker = new ExternalBroker({ config, topics: topics(), take: async () => {}, takeUp: async () => {}, takeRequest: () => {}, counters: {}, log, now: Date.now });
    await broker.open();
    console.log(broker.isConnected ? 'connected' : broker.error);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: `${ROOT}hub` });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const output = new LineReader(child.stdout, child.stderr);
  const isConnected = output.find((line) => (line === 'connected' ? true : undefined));
  await deadline(isConnected, () => `the hub's connection: ${output.tail()}`);
  return child;
}
