import { describe, expect, it } from 'vitest';
import type { RawMqtt } from '../kit/raw-mqtt.js';
import { hub, logIn, PREFIX, payloads, say, startOwn, until } from '../kit/shared-broker.js';

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
    const own = await startOwn();
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
    const own = await startOwn();
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
