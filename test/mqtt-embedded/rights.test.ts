import { beforeAll, describe, expect, it } from 'vitest';
import type { RawLogIn } from '../kit/raw-mqtt.js';
import { codeOf, hub, logIn, PREFIX, payloads, say, startOwn, until } from '../kit/shared-broker.js';

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
    const own = await startOwn({ FIELDLINE_HOME_ASSISTANT_DISCOVERY: 'true' }, (broker) => {
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
