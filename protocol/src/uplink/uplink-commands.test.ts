import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigUnanswered } from './configs.js';
import { systemClock } from './options.js';
import { ScriptedHub } from './uplink.fixture.js';

let hub: ScriptedHub;

beforeEach(async () => {
  hub = new ScriptedHub();
  await hub.open();
});

afterEach(() => hub.close());

describe('commands', () => {
  const command = { type: 'command', id: '01J8ZQ', name: 'relay.set', params: { on: true }, ttl: 5_000 };

  it('executes one, says that it started, and how it ended', async () => {
    const onCommand = vi.fn((_, accept: () => void) => {
      accept();
      return { status: 'ok', result: { on: true } } as const;
    });
    const { peer } = await hub.welcomed({ onCommand });
    peer.send(command);
    expect(await peer.take(2)).toEqual([
      { type: 'result', id: '01J8ZQ', status: 'accepted' },
      { type: 'result', id: '01J8ZQ', status: 'ok', result: { on: true } },
    ]);
    expect(onCommand.mock.calls[0]?.[0]).toEqual(command);
  });

  it('answers a repeated one from memory, over a new connection too', async () => {
    const onCommand = vi.fn(async () => ({ status: 'rejected', code: 'busy', message: 'moving' }) as const);
    const { peer } = await hub.welcomed({ onCommand });
    const answer = { type: 'result', id: '01J8ZQ', status: 'rejected', code: 'busy', message: 'moving' };
    peer.send(command);
    expect(await peer.next()).toEqual(answer);
    peer.socket.terminate();
    const again = await hub.connection();
    await again.welcome();
    again.send({ ...command, again: true });
    expect(await again.next()).toEqual(answer);
    again.send(command);
    expect(await again.next()).toEqual(answer);
    expect(onCommand).toHaveBeenCalledTimes(1);
  });

  it('never executes a repeated one that it does not remember', async () => {
    const onCommand = vi.fn(() => ({ status: 'ok' }) as const);
    const { peer } = await hub.welcomed({ onCommand });
    peer.send({ ...command, again: true });
    expect(await peer.next()).toEqual({
      type: 'result',
      id: '01J8ZQ',
      status: 'error',
      code: 'unknown_id',
    });
    expect(onCommand).not.toHaveBeenCalled();
  });

  it('remembers sixteen', async () => {
    const { peer } = await hub.welcomed({ onCommand: () => ({ status: 'ok' }) });
    for (let i = 0; i < 17; i++) peer.send({ ...command, id: `c${i}` });
    await peer.take(17);
    peer.send({ ...command, id: 'c0', again: true });
    peer.send({ ...command, id: 'c1', again: true });
    expect(await peer.take(2)).toMatchObject([
      { id: 'c0', status: 'error', code: 'unknown_id' },
      { id: 'c1', status: 'ok' },
    ]);
  });

  it('keeps the answer that ended without a connection until the hub asks again', async () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    let begin = () => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const { uplink, peer } = await hub.welcomed({
      onCommand: async () => {
        begin();
        await ended;
        return { status: 'ok' };
      },
    });
    peer.send(command);
    await begun;
    uplink.cut();
    end();
    const again = await hub.connection();
    await again.welcome();
    again.send({ ...command, again: true });
    expect(await again.next()).toEqual({ type: 'result', id: '01J8ZQ', status: 'ok' });
  });

  it('reports a callback that throws, and refuses what it has no callback for', async () => {
    const failing = await hub.welcomed({
      onCommand: () => {
        throw new Error('motor is gone');
      },
    });
    failing.peer.send(command);
    expect(await failing.peer.next()).toMatchObject({
      status: 'error',
      code: 'failed',
      message: 'motor is gone',
    });
    const without = await hub.welcomed();
    without.peer.send(command);
    expect(await without.peer.next()).toMatchObject({ status: 'rejected', code: 'not_supported' });
  });

  it('leaves out a result that the hub would refuse', async () => {
    const { peer } = await hub.welcomed({ onCommand: () => ({ status: 'ok', result: 'x'.repeat(600) }) });
    peer.send(command);
    expect(await peer.next()).toEqual({
      type: 'result',
      id: '01J8ZQ',
      status: 'ok',
      message: 'result left out: over 512 bytes',
    });
  });
});

it('applies configurations one at a time, only the newest of those that wait', async () => {
  const applied: number[] = [];
  let proceed = () => {};
  const first = new Promise<void>((resolve) => (proceed = resolve));
  const { peer } = await hub.welcomed({
    onConfig: async (desired, version) => {
      applied.push(version);
      if (version === 1) await first;
      if (version === 4) throw new Error('interval is too short');
      if (version === 5) return { big: 1n };
      return { ...desired, done: true };
    },
  });
  for (const version of [1, 2, 3]) peer.send({ type: 'config', version, desired: { interval: version } });
  await peer.rest();
  proceed();
  expect(await peer.take(2)).toEqual([
    { type: 'config', version: 1, ok: true, reported: { interval: 1, done: true } },
    { type: 'config', version: 3, ok: true, reported: { interval: 3, done: true } },
  ]);
  peer.send({ type: 'config', version: 4, desired: {} });
  expect(await peer.next()).toMatchObject({ version: 4, ok: false, message: 'interval is too short' });
  peer.send({ type: 'config', version: 5, desired: {} });
  expect(await peer.next()).toMatchObject({ version: 5, ok: false, code: 'failed' });
  peer.send({ type: 'config', version: 6, desired: {} });
  expect(await peer.next()).toMatchObject({ version: 6, ok: true });
  expect(applied).toEqual([1, 3, 4, 5, 6]);
  peer.socket.terminate();
  expect(await (await hub.connection()).next()).toMatchObject({ type: 'hello', config: 6 });
});

it('applies a configuration again that was not answered, and tells the hub nothing of it before', async () => {
  const applied: number[] = [];
  let again: () => void = () => {};
  const clock = {
    ...systemClock,
    after: (ms: number, call: () => void) => {
      if (ms !== 30_000) return systemClock.after(ms, call);
      again = call;
      return () => {
        again = () => {};
      };
    },
  };
  const { peer } = await hub.welcomed({
    clock,
    onConfig: (_desired, version) => {
      applied.push(version);
      if (applied.length < 3) throw new ConfigUnanswered('nobody knows');
      return {};
    },
  });
  peer.send({ type: 'config', version: 1, desired: {} });
  expect(await peer.rest()).toEqual([]);
  again();
  // One that came meanwhile stands in its place.
  peer.send({ type: 'config', version: 2, desired: {} });
  expect(await peer.next()).toMatchObject({ version: 2, ok: true });
  again();
  expect(await peer.rest()).toEqual([]);
  expect(applied).toEqual([1, 1, 2]);
});
