import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveMessage } from './messages.js';
import { LiveSocket, type Socket, type World } from './socket.js';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: unknown[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** A world whose clock moves only when told. */
class FakeWorld implements World {
  readonly sockets: FakeSocket[] = [];
  there = true;
  #now = 1_000_000;
  #timers: { at: number; work: () => void }[] = [];
  connect(): Socket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  }
  now(): number {
    return this.#now;
  }
  random(): number {
    return 0.5;
  }
  later(ms: number, work: () => void): () => void {
    const timer = { at: this.#now + ms, work };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  async probe(): Promise<boolean> {
    return this.there;
  }
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
      await Promise.resolve();
      await Promise.resolve();
    }
    this.#now = end;
  }
  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nothing was opened');
    return socket;
  }
}

describe('LiveSocket', () => {
  let world: FakeWorld;
  let live: LiveSocket;
  beforeEach(() => {
    world = new FakeWorld();
    live = new LiveSocket(world);
    live.open();
  });
  const interest = { devices: '*', what: ['telemetry'], minPeriod: 250 } as const;

  it('subscribes when it opens, and afresh after each break', async () => {
    live.subscribe(interest, () => {});
    expect(world.last.sent).toEqual([]);
    world.last.onopen?.();
    expect(world.last.sent).toEqual([{ type: 'subscribe', id: 1, ...interest }]);
    world.last.onclose?.();
    await world.pass(500);
    expect(world.sockets).toHaveLength(2);
    world.last.onopen?.();
    expect(world.last.sent).toEqual([{ type: 'subscribe', id: 1, ...interest }]);
  });

  it('gives a snapshot to its subscriber alone, and updates to all', () => {
    const heard: string[] = [];
    live.subscribe(interest, ({ type }) => heard.push(`a ${type}`));
    live.subscribe(interest, ({ type }) => heard.push(`b ${type}`));
    world.last.onopen?.();
    world.last.say({ type: 'snapshot', id: 2, devices: [], more: false });
    world.last.say({ type: 'update', readings: [] });
    expect(heard).toEqual(['b snapshot', 'a update', 'b update']);
  });

  it('says no more to who has left', () => {
    const heard: LiveMessage[] = [];
    world.last.onopen?.();
    const leave = live.subscribe(interest, (message) => heard.push(message));
    leave();
    expect(world.last.sent.at(-1)).toEqual({ type: 'unsubscribe', id: 1 });
    world.last.say({ type: 'update', readings: [] });
    expect(heard).toEqual([]);
  });

  it('waits longer after each failed try, and tells when the next one is', async () => {
    world.last.onopen?.();
    world.last.onclose?.();
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      const link = live.link.value;
      if (link.state !== 'retry') throw new Error(link.state);
      waits.push(link.nextTryAt - world.now());
      await world.pass(link.nextTryAt - world.now());
      world.last.onclose?.();
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it('tells what was missed: from the last word to the new connection', async () => {
    world.last.onopen?.();
    await world.pass(2_000);
    world.last.say({ type: 'update', readings: [] });
    const heardAt = world.now();
    await world.pass(3_000);
    world.last.onclose?.();
    await world.pass(500);
    world.last.onopen?.();
    expect(live.missed.value).toEqual({ from: heardAt, to: world.now() });
  });

  it('finds out that a silent hub is gone', async () => {
    world.last.onopen?.();
    await world.pass(10_000);
    expect(live.link.value.state).toBe('live');
    world.there = false;
    await world.pass(10_000);
    expect(live.link.value.state).toBe('retry');
    expect(world.sockets[0]?.closed).toBe(true);
  });

  it('gives up a try that does not open', async () => {
    await world.pass(8_000);
    expect(live.link.value.state).toBe('retry');
  });

  it('tries at once when asked', () => {
    world.last.onclose?.();
    live.tryNow();
    expect(world.sockets).toHaveLength(2);
  });

  it('is not disturbed by the late close of an older socket', () => {
    const [first] = world.sockets;
    world.last.onclose?.();
    live.tryNow();
    world.last.onopen?.();
    first?.onclose?.();
    expect(live.link.value.state).toBe('live');
  });

  it('stays closed once closed', async () => {
    world.last.onopen?.();
    live.close();
    await world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(live.link.value.state).toBe('off');
  });
});
