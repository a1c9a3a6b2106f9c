import { once } from 'node:events';
import { createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { deadline } from './kit/deadline.js';
import { BrokerUnderTest } from './kit/embedded-broker.js';
import { mosquittoPub, mosquittoSub } from './kit/mosquitto-clients.js';
import { type RawLogIn, RawMqtt } from './kit/raw-mqtt.js';
import { requireTool } from './kit/require-tool.js';
import { run } from './kit/run.js';

const PREFIX = 'fieldline/v1';
const hasMosquitto = requireTool('mosquitto_pub', 'mosquitto-clients', [
  'sh',
  '-c',
  'command -v mosquitto_pub',
]);
/** Debian's own Python has Debian's paho. */
const hasPaho = requireTool('paho', 'python3-paho-mqtt', [
  '/usr/bin/python3',
  '-c',
  'import paho.mqtt.client',
]);

let hub: BrokerUnderTest;
let own: BrokerUnderTest | null = null;
const open: RawMqtt[] = [];

beforeAll(async () => {
  hub = await BrokerUnderTest.start({}, (broker) => {
    broker.onConnected(() => void say('hub/status', '{"online":true}', true, broker));
  });
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.taken.length = 0;
  hub.changes.length = 0;
  hub.touched.length = 0;
  hub.holds = false;
});
afterEach(async () => {
  for (const raw of open.splice(0)) raw.destroy();
  await own?.close();
  own = null;
  await until(() => hub.broker.connections === 0, 'all connections to end');
});

async function until(isSo: () => boolean, what: string): Promise<void> {
  let isLate = false;
  const wait = async () => {
    while (!isSo() && !isLate) await new Promise((resolve) => setImmediate(resolve));
  };
  await deadline(wait(), () => what).finally(() => {
    isLate = true;
  });
}

/** Publishes as the hub does. */
function say(topic: string, payload: string, retain = false, broker = hub.broker): Promise<void> {
  return broker.publish(`${PREFIX}/${topic}`, payload, { qos: 1, retain });
}

async function logIn(logIn: RawLogIn, at = hub): Promise<RawMqtt> {
  const raw = await RawMqtt.logIn(at.url, logIn);
  open.push(raw);
  return raw;
}

/** @returns the code of the CONNACK, null for none */
async function codeOf(logIn: RawLogIn, at = hub): Promise<number | null> {
  const raw = await RawMqtt.open(at.url);
  open.push(raw);
  return raw.connect(logIn);
}

function payloads(raw: RawMqtt): string[] {
  return raw.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.payload.toString()] : []));
}

/** Where a short CONNECT has its flags: a user name and a password, here, and no clean session. */
const CONNECT_FLAGS = 9;

const deep = (levels: number) => Array.from({ length: levels }, (_, at) => `l${at}`).join('/');

describe('logging in', () => {
  it('takes a device with its token, and an API token under any name', async () => {
    expect(await codeOf(hub.device('in-1'))).toBe(0);
    for (const role of ['viewer', 'operator', 'admin'] as const)
      expect(await codeOf(hub.person(role))).toBe(0);
  });

  it('takes nobody else', async () => {
    const device = hub.device('in-2');
    const disabled = hub.device('in-3');
    hub.admitted.registry.update('in-3', { disabled: true });
    expect(await codeOf({})).toBe(4);
    expect(await codeOf({ username: 'in-2', password: 'wrong' })).toBe(4);
    expect(await codeOf({ ...device, username: 'in-1' })).toBe(4);
    expect(await codeOf({ ...hub.person('admin'), password: 'fla_wrong' })).toBe(4);
    expect(await codeOf(disabled)).toBe(5);
    expect(hub.devices.get('in-2')?.isOnline).toBe(false);
  });

  it('asks for a client identifier where a session is to be kept', async () => {
    const raw = await RawMqtt.open(hub.url);
    open.push(raw);
    expect(await raw.connect(hub.device('in-4'), (packet) => packet.writeUInt8(0xc0, CONNECT_FLAGS))).toBe(2);
    expect(await codeOf({ ...hub.device('in-4'), clientId: 'x'.repeat(257) })).toBe(2);
  });

  it('lets an address wait that fails too often, and no device that has its token', async () => {
    own = await BrokerUnderTest.start();
    const guess = (n: number) => codeOf({ username: 'x', password: `guess-${n}` }, own ?? hub);
    for (let n = 0; n < 20; n++) expect(await guess(n)).toBe(4);
    expect(await guess(20)).toBe(3);
    expect(await codeOf(own.device('in-5'), own)).toBe(0);
    expect(await codeOf(own.person('viewer'), own)).toBe(0);
    // People choose it, and so it can be guessed.
    expect(await codeOf({ username: 'admin', password: own.admitted.adminToken }, own)).toBe(3);
    expect((await fetch(own.webSocketUrl.replace('ws', 'http'))).status).toBe(426);
  });

  it('is audited, and so are refusals and takeovers, however often they come', async () => {
    own = await BrokerUnderTest.start();
    const at = own;
    const device = at.device('in-7');
    const person = at.person('operator');
    for (let n = 0; n < 3; n++) {
      await logIn({ ...device, clientId: 'c' }, at);
      expect(await codeOf({ ...device, password: 'wrong' }, at)).toBe(4);
    }
    await logIn({ ...person, clientId: 'p' }, at);
    await logIn({ ...person, clientId: 'p' }, at);
    expect(await codeOf({ ...person, clientId: 'x'.repeat(257) }, at)).toBe(2);
    at.admitted.registry.update('in-7', { disabled: true });
    expect(await codeOf(device, at)).toBe(5);
    const told = at.audited().map(({ action, actor, subject, result }) => [action, actor, subject, result]);
    expect(told).toEqual([
      ['mqtt.connected', 'device:in-7', 'device:in-7', 'ok'],
      ['mqtt.refused', 'nobody', 'device:in-7', 'unauthorized'],
      ['device.taken_over', 'device:in-7', 'device:in-7', 'ok'],
      ['mqtt.connected', 'token:t1', 'token:t1', 'ok'],
      ['mqtt.taken_over', 'token:t1', 'token:t1', 'ok'],
      ['mqtt.refused', 'token:t1', 'token:t1', 'bad_client_id'],
      ['mqtt.refused', 'nobody', 'device:in-7', 'device_disabled'],
    ]);
    expect(at.audited().every(({ address }) => address === '127.0.0.1')).toBe(true);
    const refusals = at.logLines.filter((line) => line.includes('MQTT log-in refused'));
    expect(refusals).toHaveLength(3);
    expect(JSON.parse(refusals[0] ?? '')).toMatchObject({ device: 'in-7', code: 'unauthorized' });
  });

  it('tells of nobody what may be a secret, or is no id', async () => {
    own = await BrokerUnderTest.start();
    const at = own;
    const { password } = at.device('in-8');
    const admin = at.admitted.adminToken;
    const hostile = 'in-8\n{"level":"fatal"}';
    for (const username of [password, password.slice(0, -4), admin, hostile]) {
      expect(await codeOf({ username, password: 'x' }, at)).toBe(4);
    }
    const told = JSON.stringify([at.audited(), at.logLines, at.attempts.list()]);
    for (const secret of [password.slice(0, -4), admin, 'fatal']) expect(told).not.toContain(secret);
    expect(at.audited()).toMatchObject([{ action: 'mqtt.refused', subject: 'mqtt' }]);
  });

  it('closes connections that say nothing, and takes a bounded number of them', async () => {
    own = await BrokerUnderTest.start({
      FIELDLINE_DEVICE_HELLO_TIMEOUT_MS: '1000',
      FIELDLINE_DEVICE_UNAUTHENTICATED_PER_ADDRESS: '3',
    });
    const silent = [];
    for (let i = 0; i < 3; i++) silent.push(await RawMqtt.open(own.url));
    const fourth = await RawMqtt.open(own.url);
    await fourth.closed();
    await Promise.all(silent.map((raw) => raw.closed()));
    await logIn(own.device('in-6'), own);
  });
});

describe('a device', () => {
  let device: RawLogIn;
  beforeAll(() => {
    device = hub.device('dev-1');
    hub.device('dev-10');
  });

  it.each([
    `ingest/dev-10`,
    'ingest/dev-1/x',
    'ingest',
    'devices/dev-1/status',
    'devices/dev-1/telemetry',
    'devices/dev-1/command/x',
    'devices/dev-1/config/set',
    'devices/dev-10/up',
    'hub/status',
  ])('does not publish %s', async (topic) => {
    const operator = await logIn(hub.person('operator'));
    await operator.subscribe(['#']);
    await operator.next('publish');
    const raw = await logIn(device);
    const refused = hub.counters.mqttRefused;
    expect(await raw.publish(`${PREFIX}/${topic}`, '{"t":1}')).toBe(false);
    await raw.closed();
    expect(hub.counters.mqttRefused).toBe(refused + 1);
    expect(await hub.change(({ online }) => !online)).toMatchObject({ reason: 'forbidden' });
    await operator.settled();
    expect(payloads(operator)).toEqual([]);
    expect(hub.taken).toEqual([]);
  });

  it.each(['$SYS/x', 'homeassistant/status', 'x', '/', 'fieldline/v1'])(
    'does not publish %s',
    async (topic) => {
      const raw = await logIn(device);
      expect(await raw.publish(topic, 'x')).toBe(false);
    },
  );

  it('publishes its up, and can be reached until its connection ends', async () => {
    hub.ups.length = 0;
    const raw = await logIn(device);
    expect(await raw.publish(`${PREFIX}/devices/dev-1/up`, '{"type":"hello"}')).toBe(true);
    expect(hub.ups).toMatchObject([{ device: 'dev-1', payload: '{"type":"hello"}' }]);
    const end = hub.ups[0]?.sender.end;
    expect(end?.aborted).toBe(false);
    raw.destroy();
    await until(() => end?.aborted === true, 'the end of its connection');
    expect(hub.taken).toEqual([]);
  });

  it.each([
    ['devices/dev-1/#', 1],
    ['devices/dev-1/status', 1],
    ['devices/dev-1/+', 1],
    ['devices/dev-1/command/+', 1],
    ['devices/dev-1', 1],
    ['devices/+/status', 128],
    ['devices/#', 128],
    ['devices/dev-10/#', 128],
    ['+/dev-1/#', 128],
    ['#', 128],
    ['hub/status', 128],
    ['ingest/dev-1', 128],
  ])('subscribing to %s answers %i', async (filter, granted) => {
    const raw = await logIn(device);
    expect(await raw.subscribe([`${PREFIX}/${filter}`])).toEqual([granted]);
    await say('devices/dev-10/telemetry', 'secret');
    await raw.settled();
    expect(payloads(raw)).toEqual([]);
  });

  it.each(['#', '+/+/devices/dev-10/status', '$SYS/#'])('subscribing to %s answers 128', async (filter) => {
    const raw = await logIn(device);
    expect(await raw.subscribe([filter])).toEqual([128]);
  });

  it('gets nothing by a session of which only a part was granted', async () => {
    const session = { ...device, clientId: 'stays', clean: false };
    const before = await logIn(session);
    expect(await before.subscribe([`${PREFIX}/devices/dev-1/#`, '#'])).toEqual([1, 128]);
    before.send({ cmd: 'disconnect' });
    await before.closed();
    await say('devices/dev-10/telemetry', 'secret');
    await say('devices/dev-1/telemetry', 'own');
    const after = await logIn(session);
    expect(await after.next('publish')).toMatchObject({ topic: `${PREFIX}/devices/dev-1/telemetry` });
    await say('devices/dev-10/telemetry', 'secret');
    await after.settled();
    expect(payloads(after)).toEqual([]);
    await codeOf({ ...session, clean: true });
  });
});

describe('people', () => {
  it('read everything, and publish nothing of a device', async () => {
    for (const role of ['viewer', 'operator', 'admin'] as const) {
      const raw = await logIn(hub.person(role));
      const system = role === 'viewer' ? 128 : 1;
      expect(await raw.subscribe(['#', `${PREFIX}/devices/+/state`, '$SYS/#'])).toEqual([1, 1, system]);
      for (const topic of ['ingest/dev-1', 'devices/dev-1/up', 'devices/dev-1/down', 'hub/status']) {
        const other = await logIn(hub.person(role));
        expect(await other.publish(`${PREFIX}/${topic}`, '{}')).toBe(false);
      }
    }
    expect(hub.taken).toEqual([]);
  });

  it.each(['devices/dev-1/command/x', 'devices/dev-1/config/set'])(
    'publish %s as operators only',
    async (topic) => {
      hub.requests.length = 0;
      const viewer = await logIn(hub.person('viewer'));
      expect(await viewer.publish(`${PREFIX}/${topic}`, '{}')).toBe(false);
      expect(
        await codeOf({ ...hub.person('viewer'), will: { topic: `${PREFIX}/${topic}`, payload: '{}' } }),
      ).toBe(5);
      expect(hub.requests).toEqual([]);
      for (const role of ['operator', 'admin'] as const) {
        const raw = await logIn(hub.person(role));
        expect(await raw.publish(`${PREFIX}/${topic}`, '{}')).toBe(true);
      }
      expect(hub.requests).toMatchObject([
        { topic: { device: 'dev-1' }, isRetained: false, response: null, actor: { address: '127.0.0.1' } },
        { topic: { device: 'dev-1' } },
      ]);
    },
  );

  it('have no retained command taken, also not by a will', async () => {
    hub.requests.length = 0;
    const topic = `${PREFIX}/devices/dev-1/command/x`;
    const raw = await logIn(hub.person('operator'));
    const packet = { cmd: 'publish', topic, payload: '{}', qos: 1, messageId: 3, dup: false } as const;
    raw.send({ ...packet, payload: '', retain: true });
    expect(await raw.next('puback')).not.toBeNull();
    raw.send({ ...packet, retain: true });
    expect(await raw.next('puback')).toBeNull();
    const will = { topic, payload: '{}', retain: true };
    expect(await codeOf({ ...hub.person('operator'), will })).toBe(5);
    expect(hub.requests).toEqual([]);
  });

  it('have a command not confirmed that could not be kept', async () => {
    const raw = await logIn(hub.person('operator'));
    hub.refusal = new Error('the disk is full');
    expect(await raw.publish(`${PREFIX}/devices/dev-1/command/x`, '{}')).toBe(false);
    hub.refusal = null;
  });

  it('have a command that is sent again known by its packet identifier and what it says', async () => {
    hub.requests.length = 0;
    const raw = await logIn({ ...hub.person('operator'), clientId: 'switch' });
    const topic = `${PREFIX}/devices/dev-1/command/x`;
    for (const [messageId, payload, dup] of [
      [3, '{"n":1}', false],
      [3, '{"n":1}', true],
      [3, '{"n":2}', true],
      [4, '{"n":1}', true],
    ] as const) {
      raw.send({ cmd: 'publish', topic, payload, qos: 1, messageId, dup, retain: false });
      expect(await raw.next('puback')).not.toBeNull();
    }
    const [first, again, other, third] = hub.requests.map(({ identity }) => identity);
    expect(first?.isFirst).toBe(true);
    expect(again).toEqual({ ...first, isFirst: false });
    expect(new Set([first, other, third].map((identity) => identity?.key)).size).toBe(3);
    raw.send({ cmd: 'publish', topic, payload: '{}', qos: 0, dup: false, retain: false });
    await raw.settled();
    expect(hub.requests.at(-1)?.identity).toBeNull();
  });

  it("tell of Home Assistant's birth", async () => {
    const heard: string[] = [];
    own = await BrokerUnderTest.start({ FIELDLINE_HOME_ASSISTANT_DISCOVERY: 'true' }, (broker) => {
      broker.subscribe('homeassistant/status', (payload) => heard.push(payload.toString()));
    });
    const will = { topic: 'homeassistant/status', payload: 'offline' };
    const assistant = await logIn({ ...own.person('operator'), will }, own);
    expect(await assistant.publish('homeassistant/status', 'online')).toBe(true);
    assistant.destroy();
    await until(() => heard.length === 2, 'the will');
    expect(heard).toEqual(['online', 'offline']);
    expect(await codeOf({ ...own.person('viewer'), will }, own)).toBe(5);
    // Without discovery nobody listens, but Home Assistant is not turned away.
    const ignored = await logIn({ ...hub.person('operator'), will });
    expect(await ignored.publish('homeassistant/status', 'online')).toBe(true);
  });

  it('have a bounded number of subscriptions', async () => {
    const raw = await logIn(hub.person('viewer'));
    const granted = await raw.subscribe(Array.from({ length: 150 }, (_, at) => `${PREFIX}/devices/x${at}/#`));
    expect(granted?.filter((code) => code === 1)).toHaveLength(100);
    raw.send({ cmd: 'unsubscribe', messageId: 8, unsubscriptions: [`${PREFIX}/devices/x1/#`] });
    await raw.next('unsuback');
    expect(await raw.subscribe(['new/1', 'new/2'])).toEqual([1, 128]);
  });
});

describe('telemetry', () => {
  it('is confirmed when it is on disk, and not before', async () => {
    hub.holds = true;
    const raw = await logIn(hub.device('dev-2'));
    for (const messageId of [1, 2]) {
      const packet = {
        cmd: 'publish',
        topic: `${PREFIX}/ingest/dev-2`,
        payload: `${messageId}`,
        messageId,
      } as const;
      raw.send({ ...packet, qos: messageId === 1 ? 1 : 2, dup: false, retain: false });
    }
    await hub.hasTaken(2);
    await raw.settled();
    expect(raw.packets).toEqual([]);
    for (const { synced } of hub.taken) synced();
    expect(await raw.next('puback')).toMatchObject({ messageId: 1 });
    expect(await raw.next('pubrec')).toMatchObject({ messageId: 2 });
  });

  it('is not confirmed when it could not be kept: the connection ends, and it comes again', async () => {
    hub.holds = true;
    const raw = await logIn(hub.device('dev-2'));
    const confirmed = raw.publish(`${PREFIX}/ingest/dev-2`, '1');
    await hub.hasTaken(1);
    hub.taken[0]?.failed(new Error('the disk is full'));
    expect(await confirmed).toBe(false);
    expect(await hub.change(({ online }) => !online)).toMatchObject({ reason: 'try_later' });
  });

  it('of QoS 0 costs no connection', async () => {
    hub.holds = true;
    const raw = await logIn(hub.device('dev-2'));
    const dropped = hub.counters.bestEffortDropped;
    raw.send({
      cmd: 'publish',
      topic: `${PREFIX}/ingest/dev-2`,
      payload: '1',
      qos: 0,
      dup: false,
      retain: false,
    });
    await hub.hasTaken(1);
    hub.taken[0]?.failed(new Error('the disk is full'));
    expect(await raw.settled()).toBe(true);
    expect(hub.counters.bestEffortDropped).toBe(dropped + 1);
  });

  it('of QoS 2 is taken once, however often it is sent, also over a new connection', async () => {
    const session = { ...hub.device('dev-3'), clientId: 'exact', clean: false };
    const packet = {
      cmd: 'publish',
      topic: `${PREFIX}/ingest/dev-3`,
      payload: '1',
      qos: 2,
      messageId: 4,
    } as const;
    const before = await logIn(session);
    before.send({ ...packet, dup: false, retain: false });
    await before.next('pubrec');
    before.destroy();
    const after = await logIn(session);
    after.send({ ...packet, dup: true, retain: false });
    await after.next('pubrec');
    after.send({ cmd: 'pubrel', messageId: 4 });
    expect(await after.next('pubcomp')).toMatchObject({ messageId: 4 });
    expect(hub.taken).toHaveLength(1);
    after.send({ ...packet, dup: false, retain: false });
    await after.next('pubrec');
    expect(hub.taken).toHaveLength(2);
  });

  it('is neither retained nor shown to subscribers', async () => {
    const raw = await logIn(hub.device('dev-3'));
    const operator = await logIn(hub.person('operator'));
    await operator.subscribe([`${PREFIX}/ingest/#`]);
    raw.send({
      ...{ cmd: 'publish', topic: `${PREFIX}/ingest/dev-3`, payload: '{"t":1}', qos: 1, messageId: 5 },
      ...{ dup: false, retain: true },
    });
    await raw.next('puback');
    expect(hub.taken).toHaveLength(1);
    const late = await logIn(hub.person('operator'));
    await late.subscribe([`${PREFIX}/ingest/#`]);
    for (const each of [operator, late]) {
      await each.settled();
      expect(payloads(each)).toEqual([]);
    }
  });
});

describe('retained messages', () => {
  it('are there for the first client, and say what was said last', async () => {
    const raw = await logIn(hub.person('viewer'));
    await raw.subscribe([`${PREFIX}/hub/#`]);
    expect(await raw.next('publish')).toMatchObject({ topic: `${PREFIX}/hub/status`, retain: true, qos: 1 });
    await say('hub/status', '{"online":false}', true);
    expect(await raw.next('publish')).toMatchObject({ retain: false });
    const late = await logIn(hub.person('viewer'));
    await late.subscribe([`${PREFIX}/+/status`], 0);
    const packet = await late.next('publish');
    expect(packet).toMatchObject({ retain: true, qos: 0 });
    expect(packet?.cmd === 'publish' && packet.payload.toString()).toBe('{"online":false}');
    await say('hub/status', '{"online":true}', true);
  });

  it('do not come after a newer word', async () => {
    own = await BrokerUnderTest.start();
    const topics = Array.from({ length: 60 }, (_, n) => `devices/r${n}/status`);
    for (const topic of topics) void say(topic, 'old', true, own.broker);
    const raw = await logIn(own.person('viewer'), own);
    const granted = raw.subscribe(['#']);
    const { broker } = own;
    await until(() => broker.isWanted('x'), 'the subscription');
    // The first of them are on their way by now.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    for (const topic of topics) void say(topic, 'new', true, broker);
    await granted;
    await raw.settled();
    const last = new Map<string, string>();
    for (let open = 60; open > 0; ) {
      const packet = await raw.next('publish');
      if (packet?.cmd !== 'publish') break;
      last.set(packet.topic, packet.payload.toString());
      if (packet.retain) open -= 1;
    }
    expect([...new Set(last.values())]).toEqual(['new']);
  });

  it('of a large hub reach a subscriber that takes its time', async () => {
    for (let i = 0; i < 10_000; i++) await say(`devices/many-${i}/state`, 'x'.repeat(200), true);
    const raw = await logIn(hub.person('viewer'));
    raw.socket.pause();
    raw.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: `${PREFIX}/devices/+/state`, qos: 1 }],
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    raw.socket.resume();
    let count = 0;
    while (count < 10_000 && (await raw.next('publish')) !== null) count += 1;
    expect(count).toBe(10_000);
    for (let i = 0; i < 10_000; i++) await say(`devices/many-${i}/state`, '', true);
  });
});

describe('order', () => {
  it('is that of publishing, whatever is retained and of which QoS', async () => {
    const raw = await logIn(hub.person('viewer'));
    await raw.subscribe(['#']);
    await raw.next('publish');
    const said: Promise<void>[] = [];
    for (let i = 0; i < 300; i++) {
      const options = { qos: i % 5 === 0 ? 0 : 1, retain: i % 3 === 0 } as const;
      said.push(hub.broker.publish(`${PREFIX}/devices/o-${i % 2}/state`, String(i), options));
    }
    await Promise.all(said);
    await raw.settled();
    expect(payloads(raw)).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
    for (const id of [0, 1]) await say(`devices/o-${id}/state`, '', true);
  });
});

describe('a message', () => {
  it('comes with the QoS that was granted, or that it has', async () => {
    const none = await logIn(hub.person('viewer'));
    const once = await logIn(hub.person('viewer'));
    const both = await logIn(hub.person('viewer'));
    await none.subscribe([`${PREFIX}/devices/q/#`], 0);
    await once.subscribe([`${PREFIX}/devices/q/#`], 1);
    await both.subscribe([`${PREFIX}/devices/q/telemetry`], 0);
    await both.subscribe([`${PREFIX}/hub/#`], 1);
    const of = async (raw: RawMqtt) => {
      const packet = await raw.next('publish');
      return packet?.cmd === 'publish' ? packet.qos : null;
    };
    both.packets.length = 0; // what is retained
    await say('devices/q/telemetry', '1');
    expect([await of(none), await of(once), await of(both)]).toEqual([0, 1, 0]);
    await hub.broker.publish(`${PREFIX}/devices/q/telemetry`, '2', { qos: 0, retain: false });
    expect([await of(none), await of(once), await of(both)]).toEqual([0, 0, 0]);
    both.send({ cmd: 'unsubscribe', messageId: 8, unsubscriptions: [`${PREFIX}/hub/#`] });
    await both.next('unsuback');
    await say('devices/q/telemetry', '3');
    expect([await of(none), await of(once), await of(both)]).toEqual([0, 1, 0]);
  });

  it('may be all that keeps a client alive, by its PUBACK', async () => {
    const raw = await logIn({ ...hub.person('viewer'), keepalive: 1 });
    await raw.subscribe([`${PREFIX}/devices/q/#`]);
    const untilMs = performance.now() + 2_500;
    while (performance.now() < untilMs) {
      await say('devices/q/telemetry', 'x');
      const packet = await raw.next('publish');
      raw.send({ cmd: 'puback', messageId: packet?.messageId ?? 0 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await raw.settled()).toBe(true);
  });
});

describe('isWanted', () => {
  it('knows clients, and sessions whose clients are away', async () => {
    own = await BrokerUnderTest.start();
    const { broker } = own;
    const topic = `${PREFIX}/devices/w-1/telemetry`;
    expect(broker.isWanted(topic)).toBe(false);
    const session = { ...own.person('viewer'), clientId: 'w', clean: false };
    const raw = await logIn(session, own);
    await raw.subscribe([`${PREFIX}/devices/+/telemetry`]);
    expect(broker.isWanted(topic)).toBe(true);
    raw.destroy();
    await raw.closed();
    expect(broker.isWanted(topic)).toBe(true);
    const again = await logIn({ ...session, clean: true }, own);
    await again.subscribe([`${PREFIX}/hub/+`]);
    expect(broker.isWanted(topic)).toBe(false);
    expect(broker.isWanted(`${PREFIX}/hub/status`)).toBe(true);
  });
});

describe('wills', () => {
  const will = {
    topic: `${PREFIX}/ingest/will-1`,
    payload: '{"alive":false}',
    qos: 1,
    retain: true,
  } as const;

  it('are refused where their client may not publish', async () => {
    const device = hub.device('will-1');
    for (const topic of [`${PREFIX}/devices/will-1/status`, `${PREFIX}/ingest/dev-1`, 'x', deep(200)]) {
      expect(await codeOf({ ...device, will: { topic, payload: 'x' } })).toBe(5);
    }
    expect(await codeOf({ ...hub.person('operator'), will })).toBe(5);
  });

  it('are telemetry like any other, when the client is lost', async () => {
    const device = hub.device('will-1');
    const polite = await logIn({ ...device, will });
    polite.send({ cmd: 'disconnect' });
    await polite.closed();
    const lost = await logIn({ ...device, will });
    lost.destroy();
    await hub.hasTaken(1);
    expect(hub.taken).toMatchObject([{ device: 'will-1', payload: '{"alive":false}' }]);
  });

  it('of a client that was thrown out are not published', async () => {
    const device = hub.device('will-1');
    const raw = await logIn({ ...device, will });
    hub.admitted.deviceTokens.revoke('will-1', device.tokenId);
    await raw.closed();
    await hub.change(({ online }) => !online);
    const other = await logIn(hub.device('will-1'));
    await other.settled();
    expect(hub.taken).toEqual([]);
  });
});

describe('presence', () => {
  it('follows the connections of a device', async () => {
    const device = hub.device('on-1');
    const raw = await logIn(device);
    expect(hub.devices.get('on-1')).toMatchObject({ isOnline: true, address: '127.0.0.1' });
    expect(Date.now() - (hub.devices.get('on-1')?.lastSeen ?? 0)).toBeLessThan(60_000);
    const second = await logIn(device);
    raw.send({ cmd: 'disconnect' });
    await raw.closed();
    second.send({ cmd: 'disconnect' });
    await hub.change(({ online }) => !online);
    expect(hub.touched).toEqual(['on-1', 'on-1', 'on-1', 'on-1']);
    expect(hub.changes.map(({ online, reason }) => [online, reason])).toEqual([
      [true, 'connected'],
      [false, 'closed'],
    ]);
  });

  it('is not shaken by a takeover', async () => {
    const device = { ...hub.device('on-2'), clientId: 'board' };
    const older = await logIn(device);
    const newer = await logIn(device);
    await older.closed();
    expect(await newer.settled()).toBe(true);
    expect(hub.changes.map(({ online }) => online)).toEqual([true]);
    newer.destroy();
    expect(await hub.change(({ online }) => !online)).toMatchObject({ reason: 'connection_lost' });
    expect(hub.devices.get('on-2')?.links).toBe(0);
  });

  it('does not change hands for ever', async () => {
    const device = { ...hub.device('on-4'), clientId: 'two boards' };
    for (let n = 0; n < 11; n++) await logIn(device);
    expect(await codeOf(device)).toBe(3);
    expect(hub.logLines.join()).toContain('do two clients use one identifier?');
    expect(await codeOf({ ...device, clientId: 'another' })).toBe(0);
    expect(await open[10]?.settled()).toBe(true);
  });

  it('ends with a client that keeps silent', async () => {
    await logIn({ ...hub.device('on-3'), keepalive: 1 });
    expect(await hub.change(({ online }) => !online)).toMatchObject({ reason: 'timeout' });
  });

  it('does not count people', async () => {
    await logIn(hub.person('admin'));
    expect(hub.changes).toEqual([]);
  });
});

describe('client identifiers', () => {
  it('of two owners are two', async () => {
    const one = await logIn({ ...hub.device('id-1'), clientId: 'same', clean: false });
    const other = await logIn({ ...hub.device('id-2'), clientId: 'same', clean: false });
    const person = await logIn({ ...hub.person('viewer'), clientId: 'same', clean: false });
    await one.subscribe([`${PREFIX}/devices/id-1/#`]);
    for (const each of [one, other, person]) expect(await each.settled()).toBe(true);
    expect(await other.subscribe([`${PREFIX}/devices/id-2/#`])).toEqual([1]);
    await say('devices/id-1/telemetry', 'for one');
    await one.next('publish');
    await other.settled();
    expect(payloads(other)).toEqual([]);
  });

  it('may be odd', async () => {
    for (const clientId of ['__proto__', 'constructor', 'a/b/#', '💡', ' ']) {
      const raw = await logIn({ ...hub.device('id-3'), clientId, clean: false });
      expect(await raw.subscribe([`${PREFIX}/devices/id-3/#`])).toEqual([1]);
      raw.destroy();
    }
  });

  it('allow a device a bounded number of connections', async () => {
    const device = hub.device('id-4');
    for (let i = 0; i < 8; i++) await logIn({ ...device, clientId: `c${i}` });
    expect(await codeOf({ ...device, clientId: 'c8' })).toBe(3);
    expect(await codeOf({ ...device, clientId: 'c7' })).toBe(0);
  });
});

describe('revocation', () => {
  it.each<[string, (at: BrokerUnderTest) => { logIn: RawLogIn; revoke: () => void }]>([
    [
      'a device token',
      (at) => {
        const logIn = at.device('rev-1');
        return { logIn, revoke: () => at.admitted.deviceTokens.revoke('rev-1', logIn.tokenId) };
      },
    ],
    [
      'a device that is disabled',
      (at) => ({
        logIn: at.device('rev-2'),
        revoke: () => void at.admitted.registry.update('rev-2', { disabled: true }),
      }),
    ],
    [
      'a device that is deleted',
      (at) => ({ logIn: at.device('rev-3'), revoke: () => void at.admitted.registry.delete('rev-3') }),
    ],
    [
      'an API token',
      (at) => {
        const logIn = at.person('operator');
        return { logIn, revoke: () => at.admitted.apiTokens.revoke(logIn.tokenId) };
      },
    ],
    [
      'an API token that expires',
      (at) => ({ logIn: at.person('operator', Date.now() + 500), revoke: () => {} }),
    ],
  ])('closes the connections of %s', async (_what, make) => {
    const { logIn: credentials, revoke } = make(hub);
    const raw = await logIn({ ...credentials, clientId: 'x', clean: false });
    const bystander = await logIn(hub.person('viewer'));
    revoke();
    await raw.closed();
    expect(await codeOf(credentials)).toBeGreaterThan(3);
    expect(await bystander.settled()).toBe(true);
  });
});

describe('a subscriber that does not read', () => {
  it('is cut off, and keeps nobody waiting', { timeout: 60_000 }, async () => {
    const frozen = await logIn(hub.person('viewer'));
    await frozen.subscribe([`${PREFIX}/devices/slow/#`]);
    frozen.socket.pause();
    const reader = await logIn(hub.person('viewer'));
    await reader.subscribe([`${PREFIX}/devices/slow/#`]);
    const slow = hub.counters.mqttSlowClients;
    const payload = 'x'.repeat(10_000);
    let said = 0;
    while (hub.counters.mqttSlowClients === slow && said < 20_000) {
      await say('devices/slow/telemetry', payload);
      said += 1;
      // The reader is there and reads: the system's buffers for it must not fill up in this very loop.
      if (said % 20 === 0) await reader.settled();
    }
    expect(hub.counters.mqttSlowClients).toBe(slow + 1);
    await reader.settled();
    expect(payloads(reader)).toHaveLength(said);
    frozen.socket.resume();
    await frozen.closed();
  });

  it('is not one that only reads slower than a backlog goes out', async () => {
    const raw = await logIn(hub.person('viewer'));
    await raw.subscribe([`${PREFIX}/devices/fast/#`]);
    const payload = 'x'.repeat(20_000);
    for (let i = 0; i < 120; i++) {
      await Promise.all(Array.from({ length: 20 }, () => say('devices/fast/telemetry', payload)));
    }
    await raw.settled();
    expect(payloads(raw)).toHaveLength(2_400);
  });

  it('gets what its session could hold when it comes back', async () => {
    const session = { ...hub.person('viewer'), clientId: 'late', clean: false };
    const before = await logIn(session);
    await before.subscribe([`${PREFIX}/devices/late/#`]);
    before.destroy();
    await before.closed();
    const dropped = hub.counters.mqttDropped;
    for (let i = 0; i < 5_000; i++) await say('devices/late/telemetry', String(i));
    expect(hub.counters.mqttDropped).toBe(dropped + 5_000 - 4_096);
    const after = await logIn(session);
    const got: number[] = [];
    while (got.length < 4_097) {
      const packet = await after.next('publish');
      if (packet?.cmd !== 'publish') break;
      after.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
      got.push(Number(packet.payload));
      // Published while the old ones are on their way: it comes behind them.
      if (got.length === 1) await say('devices/late/telemetry', '5000');
    }
    expect(got).toEqual(Array.from({ length: 4_097 }, (_, at) => at + 904));
  });
});

describe('hostile bytes', () => {
  it('of 200 levels, or endless, are refused', async () => {
    for (const topic of [deep(200), `${PREFIX}/devices/h-1/${deep(200)}`, 'x'.repeat(60_000)]) {
      for (const credentials of [hub.device('h-1'), hub.person('admin')]) {
        const publisher = await logIn(credentials);
        expect(await publisher.publish(topic, 'x')).toBe(false);
        const subscriber = await logIn(credentials);
        const granted = await subscriber.subscribe([topic]);
        if (granted !== null) expect(granted).toEqual([128]);
        const leaver = await logIn(credentials);
        leaver.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [topic] });
        await Promise.race([leaver.next('unsuback'), leaver.closed()]);
      }
    }
  });

  it('of packets that are too large end the connection', async () => {
    const raw = await logIn(hub.device('h-2'));
    raw.send({
      ...{ cmd: 'publish', topic: `${PREFIX}/ingest/h-2`, payload: 'x'.repeat(300_000) },
      ...{ qos: 1, messageId: 1, dup: false, retain: false },
    });
    await raw.closed();
    expect(await hub.change(({ online }) => !online)).toMatchObject({ reason: 'too_large' });
    const stranger = await RawMqtt.open(hub.url);
    stranger.socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await stranger.closed();
  });

  it('of any kind break nothing', async () => {
    const login = hub.device('h-3');
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    for (let round = 0; round < 60; round++) {
      const raw = await logIn({ ...login, clientId: `h${round % 3}`, clean: round % 2 === 0 });
      for (let piece = 0; piece < 20; piece++) {
        const body = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
        raw.socket.write(Buffer.concat([Buffer.from([random(256), body.length]), body]));
      }
      raw.socket.end();
      await raw.closed();
    }
    expect(await codeOf(login)).toBe(0);
  });

  it('in text frames, or from pages of others, are refused', async () => {
    const text = new WebSocket(hub.webSocketUrl, 'mqtt');
    await once(text, 'open');
    expect(text.protocol).toBe('mqtt');
    expect(text.extensions).toBe('');
    text.send('hello');
    await deadline(once(text, 'close'), () => 'the socket to be closed');
    const foreign = new WebSocket(hub.webSocketUrl, 'mqtt', { origin: 'https://elsewhere.example' });
    const [, answer] = await once(foreign, 'unexpected-response');
    expect(answer.statusCode).toBe(403);
    const host = 'elsewhere.example';
    const rebound = new WebSocket(hub.webSocketUrl, 'mqtt', { origin: `http://${host}`, headers: { host } });
    const [, wrongHost] = await once(rebound, 'unexpected-response');
    expect(wrongHost.statusCode).toBe(403);
  });

  it('of devices are taken under any name of the hub, and from libraries that say they are a file', async () => {
    for (const options of [{ headers: { host: 'hub.lan' } }, { origin: 'file://' }]) {
      const device = new WebSocket(hub.webSocketUrl, 'mqtt', options);
      await once(device, 'open');
      device.terminate();
    }
  });
});

describe('clients of others', () => {
  it.runIf(hasMosquitto)('mosquitto_pub and mosquitto_sub', async () => {
    const { url } = hub;
    const device = { url, ...hub.device('mos-1') };
    const sub = await mosquittoSub([`${PREFIX}/devices/mos-1/#`], device);
    const numbers = Array.from({ length: 50 }, (_, at) => `{"n":${at}}`);
    expect((await mosquittoPub(`${PREFIX}/ingest/mos-1`, numbers, device)).code).toBe(0);
    expect(hub.taken.map(({ payload }) => payload)).toEqual(numbers);
    await say('devices/mos-1/telemetry', 'seen');
    await sub.received(1).finally(() => sub.stop());
    const other = await mosquittoPub(`${PREFIX}/ingest/dev-1`, '{"n":0}', device);
    expect(other.code).not.toBe(0);
    const newer = await mosquittoPub('x', 'x', { ...device, args: ['-V', 'mqttv5'] });
    expect(newer.output).toContain('Unsupported Protocol Version');
    expect(hub.taken).toHaveLength(50);
  });

  it.runIf(hasPaho)('paho, over TCP and WebSocket', async () => {
    const script = new URL('clients/paho-device.py', import.meta.url).pathname;
    const device = hub.device('paho-1');
    const { hostname, port } = new URL(hub.webSocketUrl);
    const args = [
      hostname,
      String(hub.broker.tcpPort),
      'paho-1',
      device.password,
      hub.person('viewer').password,
      port,
    ];
    expect(JSON.parse(await run('/usr/bin/python3', [script, ...args]))).toEqual({
      retained: [[`${PREFIX}/hub/status`, '{"online":true}', 1, 1]],
      confirmed: 30,
      disconnected: true,
      granted: [1, 128],
    });
    expect(hub.taken.map(({ payload }) => JSON.parse(payload).n)).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    );
  });

  it('mqtt.js over WebSocket, as in a browser', async () => {
    const { username, password } = hub.person('viewer');
    const client = await connectAsync(hub.webSocketUrl, { username, password, protocolVersion: 4 });
    const got: string[] = [];
    client.on('message', (_topic, payload) => got.push(payload.toString()));
    await client.subscribeAsync(`${PREFIX}/devices/js-1/#`, { qos: 1 });
    const large = 'x'.repeat(60_000);
    for (const payload of ['1', large, '2']) await say('devices/js-1/telemetry', payload);
    while (got.length < 3) await new Promise((resolve) => client.once('message', resolve));
    expect(got).toEqual(['1', large, '2']);
    const ended = new Promise<void>((resolve) => client.once('close', resolve));
    client.publish(`${PREFIX}/ingest/dev-1`, 'x');
    await ended;
    await client.endAsync(true);
  });
});

describe('the port', () => {
  /** Takes a port, or finds that somebody has it. @returns how to give it back */
  async function take(port: number): Promise<{ port: number; release: () => void }> {
    const server = createServer().listen(port, '127.0.0.1');
    const isOurs = await Promise.race([
      new Promise<boolean>((resolve) => server.once('listening', () => resolve(true))),
      new Promise<boolean>((resolve) => server.once('error', () => resolve(false))),
    ]);
    const address = server.address();
    return {
      port: typeof address === 'object' ? (address?.port ?? port) : port,
      release: () => isOurs && server.close(),
    };
  }

  it('that was set and is taken stops the start', async () => {
    const { port, release } = await take(0);
    const start = BrokerUnderTest.start({}, () => {}, String(port));
    await expect(start).rejects.toMatchObject({
      code: 'cannot_listen',
      message: expect.stringContaining('MQTT'),
    });
    release();
  });

  it('that was not set may be taken: then there is WebSocket only, and the log says so', async () => {
    const { release } = await take(1883);
    own = await BrokerUnderTest.start({}, () => {}, '');
    release();
    expect(own.broker.tcpPort).toBe(null);
    expect(own.logLines.join()).toContain('MQTT cannot listen on 127.0.0.1:1883');
    const { username, password } = own.person('viewer');
    const client = await connectAsync(own.webSocketUrl, { username, password, protocolVersion: 4 });
    await client.endAsync();
  });
});

describe('stopping', () => {
  it('takes no word back that was said before', async () => {
    own = await BrokerUnderTest.start();
    const viewer = await logIn(own.person('viewer'), own);
    await viewer.subscribe(['#']);
    // What the hub does: the first is confirmed while the second is still on its way.
    const last = [
      say('devices/d/status', 'away', true, own.broker),
      say('hub/status', 'gone', true, own.broker),
    ];
    await Promise.all(last);
    await own.broker.close();
    await viewer.closed();
    expect(payloads(viewer)).toEqual(['away', 'gone']);
  });

  it('answers what is under way, takes nothing new, and says goodbye', async () => {
    own = await BrokerUnderTest.start();
    own.holds = true;
    const raw = await logIn(
      { ...own.device('end-1'), will: { topic: `${PREFIX}/ingest/end-1`, payload: 'w' } },
      own,
    );
    const viewer = await logIn(own.person('viewer'), own);
    await viewer.subscribe(['#']);
    const confirmed = raw.publish(`${PREFIX}/ingest/end-1`, '1');
    await own.hasTaken(1);
    let isStopped = false;
    const stopped = own.broker.stopIngest().then(() => {
      isStopped = true;
    });
    raw.send({
      ...{ cmd: 'publish', topic: `${PREFIX}/ingest/end-1`, payload: '2', qos: 1, messageId: 10 },
      ...{ dup: false, retain: false },
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    own.taken[0]?.synced();
    expect(await confirmed).toBe(true);
    await stopped;
    await say('hub/status', 'gone', true, own.broker);
    await own.broker.close();
    expect(await viewer.next('publish')).toMatchObject({ topic: `${PREFIX}/hub/status` });
    await raw.closed();
    expect(own.taken).toHaveLength(1);
    expect(own.changes.at(-1)).toMatchObject({ online: false, reason: 'hub_stopping' });
    await expect(say('hub/status', 'x', true, own.broker)).rejects.toMatchObject({ kind: 'network' });
  });
});
