import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UplinkError } from './error.js';
import { ManualClock, ScriptedHub, seqs } from './uplink.fixture.js';

let hub: ScriptedHub;

beforeEach(async () => {
  hub = new ScriptedHub();
  await hub.open();
});

afterEach(() => hub.close());

describe('Uplink', () => {
  it('introduces itself: token, subprotocol, boot, capabilities', async () => {
    const { peer, hello, uplink } = await hub.welcomed({
      boot: 'b1',
      firmware: '1.4.2',
      profile: 'env-sensor',
      caps: ['parallel'],
      onCommand: () => ({ status: 'ok' }),
      onConfig: () => undefined,
      uptime: () => 5_123,
      configVersion: 6,
      sleepMs: 600_000,
    });
    expect(peer.request.url).toBe('/ws/v1/device');
    expect(peer.request.headers.authorization).toBe('Bearer secret');
    expect(peer.socket.protocol).toBe('fieldline.v1.json');
    expect(peer.socket.extensions).toBe('');
    expect(hello).toEqual({
      type: 'hello',
      boot: 'b1',
      seq: 0,
      firmware: '1.4.2',
      profile: 'env-sensor',
      caps: ['reconnect', 'parallel', 'command', 'config'],
      rxMax: 65_536,
      uptime: 5_123,
      config: 6,
      sleep: 600_000,
    });
    expect(uplink.stats).toMatchObject({ state: 'online', connections: 1 });
  });

  it('says whose token it has, where it is to be named', async () => {
    const { peer } = await hub.welcomed({ isNamed: true });
    const [scheme, login = ''] = peer.request.headers.authorization?.split(' ') ?? [];
    expect([scheme, Buffer.from(login, 'base64').toString()]).toEqual(['Basic', 'd1:secret']);
  });

  it('sends readings in order and is drained by the ack', async () => {
    const { uplink, peer, hello } = await hub.welcomed();
    expect(uplink.send({ temperature: 21.5 }, { time: 1000 })).toBe(1);
    expect(uplink.send({ temperature: 21.6 }, { time: null })).toBe(2);
    uplink.sendRows([[1000, { temperature: 1 }]]);
    uplink.sendTelemetry({ t0: 1000, dt: [0], columns: { temperature: [1] } });
    uplink.sendTelemetry({});
    expect(await peer.take(5)).toEqual([
      { type: 'telemetry', seq: 1, time: 1000, values: { temperature: 21.5 } },
      { type: 'telemetry', seq: 2, values: { temperature: 21.6 } },
      { type: 'telemetry', seq: 3, rows: [[1000, { temperature: 1 }]] },
      { type: 'telemetry', seq: 4, t0: 1000, dt: [0], columns: { temperature: [1] } },
      { type: 'telemetry', seq: 5 },
    ]);
    const flushed = uplink.flush(20_000);
    peer.ack(hello, 3);
    peer.ack(hello, 5);
    expect(await flushed).toBe(true);
    expect(uplink.stats).toMatchObject({ sent: 5, acked: 5, buffered: 0, inFlight: 0, resent: 0 });
  });

  it('stamps readings with its clock, so that a late delivery keeps their time', async () => {
    const clock = new ManualClock();
    clock.nowMs = 42;
    const uplink = hub.uplink({ clock });
    uplink.open();
    const peer = await hub.connection();
    uplink.send({ a: 1 });
    await peer.welcome();
    expect(await peer.next()).toMatchObject({ time: 42 });
  });

  it('resends after a reconnect what the hub does not have, in order', async () => {
    const { uplink, peer, hello } = await hub.welcomed();
    for (let i = 0; i < 5; i++) uplink.send({ i });
    await peer.take(5);
    peer.ack(hello, 1);
    await peer.rest();
    const lost = once(uplink, 'disconnect');
    peer.socket.terminate();
    await lost;
    expect(uplink.stats).toMatchObject({ buffered: 4, inFlight: 0 });
    uplink.send({ i: 5 });
    const again = await hub.connection();
    const helloAgain = await again.welcome({ ack: 3 });
    expect(helloAgain).toMatchObject({ boot: hello.boot, seq: 6 });
    expect(seqs(await again.take(3))).toEqual([4, 5, 6]);
    again.ack(hello, 6);
    expect(await uplink.flush(20_000)).toBe(true);
    expect(uplink.stats).toMatchObject({ sent: 6, acked: 6, resent: 2, connections: 2 });
  });

  it('resends everything to a hub that has not seen the boot', async () => {
    const { uplink, peer } = await hub.welcomed();
    uplink.send({ i: 1 });
    uplink.send({ i: 2 });
    await peer.take(2);
    peer.socket.terminate();
    const again = await hub.connection();
    await again.welcome({ ack: null });
    expect(seqs(await again.take(2))).toEqual([1, 2]);
  });

  it('keeps no more in flight than the window, and none at all at 0', async () => {
    const { uplink, peer, hello } = await hub.welcomed({}, { window: 2 });
    for (let i = 0; i < 6; i++) uplink.send({ i });
    expect(seqs(await peer.rest())).toEqual([1, 2]);
    peer.ack(hello, 1);
    expect(seqs(await peer.take(1))).toEqual([3]);
    peer.send({ type: 'window', window: 0 });
    peer.ack(hello, 3);
    expect(await peer.rest()).toEqual([]);
    expect(uplink.stats).toMatchObject({ buffered: 3, inFlight: 0 });
    peer.send({ type: 'window', window: 10 });
    expect(seqs(await peer.take(3))).toEqual([4, 5, 6]);
  });

  it('ignores an ack for another boot', async () => {
    const { uplink, peer } = await hub.welcomed();
    uplink.send({ i: 1 });
    await peer.next();
    peer.send({ type: 'ack', boot: 'other', seq: 1 });
    await peer.rest();
    expect(uplink.stats.buffered).toBe(1);
  });

  it('takes an error that carries a number for the answer to that message', async () => {
    const { uplink, peer, hello } = await hub.welcomed({}, { window: 1 });
    const errors: UplinkError[] = [];
    uplink.on('problem', (error) => errors.push(error));
    uplink.send({ i: 1 });
    uplink.send({ i: 2 });
    await peer.next();
    peer.send({ type: 'error', code: 'malformed', message: 'no', seq: 1, fatal: false });
    expect(seqs(await peer.take(1))).toEqual([2]);
    expect(errors).toMatchObject([{ code: 'malformed', seq: 1 }]);
    peer.ack(hello, 2);
    expect(await uplink.flush(20_000)).toBe(true);
    expect(uplink.stats).toMatchObject({ acked: 1, refused: 1, buffered: 0 });
  });

  it('passes rejects on, and waits for the ack all the same', async () => {
    const { uplink, peer } = await hub.welcomed();
    uplink.send({ temperature: 'warm' });
    await peer.next();
    const heard = once(uplink, 'reject');
    const reject = { type: 'reject', seq: 1, code: 'type_conflict', metric: 'temperature', message: 'no' };
    peer.send(reject);
    expect(await heard).toEqual([reject]);
    expect(uplink.stats).toMatchObject({ rejected: 1, buffered: 1 });
  });

  it('tells of every ack with its latency', async () => {
    const onAcked = vi.fn<(seq: number, latencyMs: number | null) => void>();
    const { uplink, peer, hello } = await hub.welcomed({ onAcked });
    uplink.send({ i: 1 });
    uplink.send({ i: 2 });
    await peer.take(2);
    peer.ack(hello, 2);
    await uplink.flush(20_000);
    expect(onAcked.mock.calls.map(([seq]) => seq)).toEqual([1, 2]);
    for (const [, latencyMs] of onAcked.mock.calls) expect(latencyMs ?? -1).toBeGreaterThanOrEqual(0);
  });

  it('knows no latency of what the hub has from an earlier start', async () => {
    const onAcked = vi.fn<(seq: number, latencyMs: number | null) => void>();
    const uplink = hub.uplink({ boot: 'b1', seq: 6, onAcked });
    uplink.sendNumbered(7, '{"values":{"i":7}}');
    uplink.open();
    const peer = await hub.connection();
    await peer.welcome({ ack: 7 });
    expect(await uplink.flush(20_000)).toBe(true);
    expect(onAcked.mock.calls).toEqual([[7, null]]);
  });

  describe('with a full buffer', () => {
    it('refuses further messages', async () => {
      const uplink = hub.uplink({ maxBuffered: 2 });
      uplink.send({ i: 1 });
      uplink.send({ i: 2 });
      expect(() => uplink.send({ i: 3 })).toThrow(expect.objectContaining({ code: 'buffer_full' }));
      expect(uplink.stats).toMatchObject({ sent: 2, buffered: 2, dropped: 0 });
    });

    it('drops the oldest instead where asked to, and counts', async () => {
      const uplink = hub.uplink({ maxBuffered: 2, whenFull: 'drop_oldest' });
      const dropped: number[] = [];
      uplink.on('dropped', (seqs) => dropped.push(...seqs));
      for (let i = 1; i <= 5; i++) uplink.send({ i });
      expect(uplink.stats).toMatchObject({ sent: 5, buffered: 2, dropped: 3 });
      expect(dropped).toEqual([1, 2, 3]);
      uplink.open();
      const peer = await hub.connection();
      expect(await peer.welcome()).toMatchObject({ seq: 5 });
      expect(seqs(await peer.take(2))).toEqual([4, 5]);
    });
  });

  it('refuses a message that the hub would not take', async () => {
    const { uplink } = await hub.welcomed({}, { maxFrame: 1_024 });
    expect(() => uplink.send({ text: 'x'.repeat(1_024) })).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
    expect(() => uplink.send({ text: 'ü'.repeat(500) })).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
    uplink.send({ text: 'ü'.repeat(300) });
  });

  it('gives up messages that a hub with a smaller limit will never take', async () => {
    const uplink = hub.uplink({ boot: 'b1', seq: 6 });
    uplink.sendNumbered(7, `{"values":{"text":"${'x'.repeat(2_000)}"}}`);
    uplink.sendNumbered(9, '{"values":{"i":9}}');
    const [error, dropped] = [once(uplink, 'problem'), once(uplink, 'dropped')];
    uplink.open();
    const peer = await hub.connection();
    await peer.welcome({ maxFrame: 1_024 });
    expect(await error).toMatchObject([{ code: 'too_large' }]);
    expect(await dropped).toEqual([[7]]);
    expect(seqs(await peer.take(1))).toEqual([9]);
    expect(uplink.stats).toMatchObject({ dropped: 1, buffered: 1 });
  });

  it('writes best-effort readings only while it is connected', async () => {
    const uplink = hub.uplink();
    expect(uplink.sendBestEffort({ a: 1 })).toBe(false);
    uplink.open();
    const peer = await hub.connection();
    await Promise.all([peer.welcome(), once(uplink, 'welcome')]);
    expect(uplink.sendBestEffort({ a: 2 }, { time: null })).toBe(true);
    expect(await peer.next()).toEqual({ type: 'telemetry', values: { a: 2 } });
    expect(uplink.stats).toMatchObject({ bestEffort: 1, bestEffortDropped: 1, buffered: 0 });
  });

  it('takes a new boot where its own was used before, and sends everything again', async () => {
    const uplink = hub.uplink({ boot: 'b1', seq: 7 });
    uplink.send({ i: 1 });
    uplink.send({ i: 2 });
    uplink.open();
    const peer = await hub.connection();
    expect(await peer.next()).toMatchObject({ boot: 'b1', seq: 9 });
    const error = once(uplink, 'problem');
    peer.send({ type: 'error', code: 'boot_reused', message: 'no', fatal: true });
    expect(await error).toMatchObject([{ code: 'boot_reused' }]);
    const again = await hub.connection();
    const hello = await again.welcome();
    expect(hello).toMatchObject({ seq: 2 });
    expect(hello.boot).not.toBe('b1');
    expect(uplink.boot).toBe(hello.boot);
    expect(await again.take(2)).toMatchObject([
      { seq: 1, values: { i: 1 } },
      { seq: 2, values: { i: 2 } },
    ]);
    expect(uplink.send({ i: 3 })).toBe(3);
  });

  it('asks for the time and writes log lines', async () => {
    const { uplink, peer } = await hub.welcomed();
    uplink.requestTime(5_123);
    uplink.log('warn', 'brown-out detected');
    expect(await peer.take(2)).toEqual([
      { type: 'time', uptime: 5_123 },
      { type: 'log', level: 'warn', message: 'brown-out detected' },
    ]);
    const answer = { type: 'time', uptime: 5_123, time: 1_767_225_600_123 };
    const heard = once(uplink, 'time');
    peer.send(answer);
    expect(await heard).toEqual([answer]);
  });

  it.each(['nonsense', '', 'ftp://127.0.0.1'])('refuses %j as an address', (url) => {
    expect(() => hub.uplink({ url })).toThrow(TypeError);
  });

  it('refuses a token that fits into no header, and never quotes it', () => {
    expect(() => hub.uplink({ token: 'secret\r\nx: y' })).toThrow(/^token: printable ASCII/);
  });

  it('refuses a time that is none', () => {
    expect(() => hub.uplink().send({ a: 1 }, { time: Number.NaN })).toThrow(TypeError);
  });

  it('refuses a boot that is not valid', () => {
    expect(() => hub.uplink({ boot: 'no spaces' })).toThrow(TypeError);
  });
});
