import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UplinkError } from './error.js';
import { ManualClock, ScriptedHub } from './uplink.fixture.js';

let hub: ScriptedHub;

beforeEach(async () => {
  hub = new ScriptedHub();
  await hub.open();
});

afterEach(() => hub.close());

describe('when the connection fails', () => {
  it('drops a link that has fallen silent', async () => {
    const { uplink } = await hub.welcomed({}, { heartbeat: 15 });
    const [end] = await once(uplink, 'disconnect');
    expect(end).toMatchObject({ code: 1006, reason: expect.stringContaining('nothing heard') });
    await (await hub.connection()).welcome();
  });

  it('keeps a link on which the hub only pings', async () => {
    const clock = new ManualClock();
    const { uplink, peer } = await hub.welcomed({ clock }, { heartbeat: 100 });
    const end = vi.fn();
    uplink.on('disconnect', end);
    clock.nowMs = 250;
    peer.socket.ping();
    await once(peer.socket, 'pong');
    clock.nowMs = 500;
    clock.fire();
    expect(end).not.toHaveBeenCalled();
    expect(clock.armedMs).toBe(50);
    clock.nowMs = 550;
    clock.fire();
    expect(end).toHaveBeenCalledWith(expect.objectContaining({ reason: 'nothing heard for 300 ms' }));
  });

  it('gives up a connection that is not welcomed', async () => {
    const uplink = hub.uplink({ connectTimeoutMs: 30 });
    const end = once(uplink, 'disconnect');
    uplink.open();
    expect(await end).toMatchObject([{ code: 1006, reason: 'no welcome in 30 ms' }]);
  });

  it('waits as long as bye asks', async () => {
    const { uplink, peer } = await hub.welcomed({ random: () => 0 });
    const end = once(uplink, 'disconnect');
    peer.send({ type: 'bye', retryAfter: 7_421 });
    peer.socket.close(1001);
    expect(await end).toMatchObject([{ code: 1001, retryInMs: 7_421 }]);
  });

  it('forgets what an earlier connection asked', async () => {
    const { uplink, peer } = await hub.welcomed({ random: () => 0 });
    peer.send({ type: 'bye', retryAfter: 20 });
    peer.socket.close(1001);
    const again = await hub.connection();
    await Promise.all([again.welcome(), once(uplink, 'welcome')]);
    const end = once(uplink, 'disconnect');
    again.socket.terminate();
    expect(await end).toMatchObject([{ retryInMs: 1 }]);
  });

  it('waits as long as a fatal error asks', async () => {
    const { uplink, peer } = await hub.welcomed({ random: () => 0 });
    const end = once(uplink, 'disconnect');
    peer.send({ type: 'error', code: 'try_later', message: 'x', retryAfter: 2_000, fatal: true });
    peer.socket.close(1013);
    expect(await end).toMatchObject([{ code: 1013, retryInMs: 2_000 }]);
  });

  it.each([429, 503])('waits as long as a refused upgrade asks: %i', async (status) => {
    hub.refuse = () => ({ status, retryAfter: '5' });
    const uplink = hub.uplink({ random: () => 0 });
    const end = once(uplink, 'disconnect');
    uplink.open();
    expect(await end).toMatchObject([{ status, retryInMs: 5_000 }]);
  });

  it.each([
    [401, 'unauthorized'],
    [403, 'disabled'],
  ])('does not hammer a hub that refuses it: %i', async (status, code) => {
    hub.refuse = () => ({ status });
    const uplink = hub.uplink({ random: () => 1, reconnect: { minMs: 1, maxMs: 60_000 } });
    const [error, end] = [once(uplink, 'problem'), once(uplink, 'disconnect')];
    uplink.open();
    expect(await error).toMatchObject([{ code }]);
    expect(await end).toMatchObject([{ status, retryInMs: 60_000 }]);
  });

  it.each([
    [4401, 'unauthorized'],
    [4409, 'replaced'],
  ])('does not hammer a hub that closes with %i', async (closeCode, code) => {
    const { uplink, peer } = await hub.welcomed({ random: () => 1 }, { reconnect: [1, 50_000] });
    const [error, end] = [once(uplink, 'problem'), once(uplink, 'disconnect')];
    peer.socket.close(closeCode, code);
    expect(await error).toMatchObject([{ code }]);
    expect(await end).toMatchObject([{ code: closeCode, retryInMs: 50_000 }]);
  });

  it.each(['unauthorized', 'replaced'])('knows that it is %s where the close code got lost', async (code) => {
    const { uplink, peer } = await hub.welcomed({ random: () => 1 }, { reconnect: [1, 50_000] });
    const problems: string[] = [];
    uplink.on('problem', (problem) => problems.push(problem.code));
    const end = once(uplink, 'disconnect');
    peer.send({ type: 'error', code, message: 'no', fatal: true });
    await peer.rest();
    peer.socket.terminate();
    expect(await end).toMatchObject([{ code: 1006, retryInMs: 50_000 }]);
    expect(problems).toEqual([code]);
  });

  it('backs off further with each failure, and begins again after a good connection', async () => {
    const waits: number[] = [];
    const clock = new ManualClock();
    hub.refuse = () => ({ status: 500 });
    const uplink = hub.uplink({ clock, random: () => 1, reconnect: { minMs: 10, maxMs: 100 } });
    uplink.on('disconnect', (end) => waits.push(end.retryInMs ?? -1));
    uplink.open();
    for (let i = 0; i < 5; i++) {
      await once(uplink, 'disconnect');
      if (i === 4) hub.refuse = () => undefined;
      clock.fire();
    }
    const peer = await hub.connection();
    await Promise.all([peer.welcome({ reconnect: [10, 100] }), once(uplink, 'welcome')]);
    clock.nowMs += 10_000;
    const end = once(uplink, 'disconnect');
    peer.socket.terminate();
    await end;
    expect(waits).toEqual([20, 40, 80, 100, 100, 20]);
  });

  it('is not disturbed by what an old socket still says', async () => {
    const { uplink, peer, hello } = await hub.welcomed();
    uplink.send({ i: 1 });
    await peer.next();
    uplink.cut();
    const again = await hub.connection();
    await Promise.all([again.welcome(), once(uplink, 'welcome')]);
    const end = vi.fn();
    uplink.on('disconnect', end);
    peer.ack(hello, 1);
    peer.socket.close(4401);
    await again.take(1);
    await again.rest();
    expect(end).not.toHaveBeenCalled();
    expect(uplink.stats).toMatchObject({ state: 'online', buffered: 1, connections: 2 });
  });

  it('goes on after something that is no message', async () => {
    const { uplink, peer } = await hub.welcomed();
    const errors: UplinkError[] = [];
    uplink.on('problem', (error) => errors.push(error));
    for (const frame of [
      '{',
      'null',
      '7',
      '{"type":"ack"}',
      '{"type":"ack","boot":1,"seq":-1}',
      '{"type":{}}',
    ]) {
      peer.socket.send(frame);
    }
    peer.socket.send('{"type":"of the future"}');
    peer.socket.send(Buffer.from([1, 2, 3]));
    expect(await peer.rest()).toEqual([]);
    expect(errors.map((error) => error.code)).toEqual(Array(6).fill('bad_message'));
    expect(uplink.stats.state).toBe('online');
  });
});

describe('close', () => {
  it('ends the connection in good order, and refuses further messages', async () => {
    const { uplink, peer } = await hub.welcomed();
    uplink.send({ i: 1 });
    const flushed = uplink.flush(20_000);
    const closed = once(peer.socket, 'close');
    await uplink.close();
    expect((await closed)[0]).toBe(1000);
    expect(await flushed).toBe(false);
    expect(() => uplink.send({ i: 2 })).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(uplink.stats.state).toBe('closed');
  });

  it('may come at any moment', async () => {
    await hub.uplink().close();
    const connecting = hub.uplink();
    connecting.open();
    await connecting.close();
    await connecting.close();
    hub.refuse = () => ({ status: 500 });
    const waiting = hub.uplink({ reconnect: { minMs: 60_000, maxMs: 60_000 } });
    waiting.open();
    await once(waiting, 'disconnect');
    await waiting.close();
    expect(waiting.stats.state).toBe('closed');
  });

  it('lets flush time out', async () => {
    const uplink = hub.uplink();
    uplink.send({ i: 1 });
    expect(await uplink.flush(1)).toBe(false);
  });
});
