import { describe, expect, it } from 'vitest';
import { codeOf, hub, logIn, open, PREFIX, payloads } from '../kit/shared-broker.js';

const deep = (levels: number) => Array.from({ length: levels }, (_, at) => `l${at}`).join('/');

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
