import { once } from 'node:events';
import { createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { deadline } from '../kit/deadline.js';
import { BrokerUnderTest } from '../kit/embedded-broker.js';
import { RawMqtt } from '../kit/raw-mqtt.js';
import { codeOf, hub, logIn, PREFIX, payloads, say, startOwn } from '../kit/shared-broker.js';

const deep = (levels: number) => Array.from({ length: levels }, (_, at) => `l${at}`).join('/');

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
    const own = await startOwn({}, () => {}, '');
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
    const own = await startOwn();
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
    const own = await startOwn();
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
