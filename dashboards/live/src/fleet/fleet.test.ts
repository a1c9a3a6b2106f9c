import type { DeviceView } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Interest, LiveMessage } from '../live/messages.js';
import type { Missed } from '../live/socket.js';
import { aView } from './device.fixture.js';
import { Fleet, type Registry } from './fleet.js';

class FakeSocket {
  readonly missed = signal<Missed | null>(null);
  readonly interests: Interest[] = [];
  say: (message: LiveMessage) => void = () => {};
  subscribe(interest: Interest, hear: (message: LiveMessage) => void): () => void {
    this.interests.push(interest);
    this.say = hear;
    return () => {
      this.say = () => {};
    };
  }
}

class FakeRegistry implements Registry {
  pages: DeviceView[][] = [[aView('a'), aView('b')]];
  lists = 0;
  readonly asked: string[] = [];
  failure: Error | undefined;
  async *devices(): AsyncGenerator<readonly DeviceView[]> {
    this.lists++;
    if (this.failure) throw this.failure;
    yield* this.pages;
  }
  async device(id: string): Promise<DeviceView> {
    this.asked.push(id);
    return aView(id);
  }
}

describe('Fleet', () => {
  let socket: FakeSocket;
  let registry: FakeRegistry;
  let fleet: Fleet;
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const ids = () => [...fleet.devices.keys()];

  beforeEach(async () => {
    vi.useFakeTimers();
    socket = new FakeSocket();
    registry = new FakeRegistry();
    fleet = new Fleet(socket, registry, (work) => work());
    fleet.open();
    await settle();
  });
  afterEach(() => {
    fleet.close();
    vi.useRealTimers();
  });

  it('reads every page, and follows all devices', () => {
    expect(ids()).toEqual(['a', 'b']);
    expect(fleet.status.value).toEqual({ kind: 'ready' });
    expect(socket.interests).toEqual([{ devices: '*', what: ['telemetry', 'status'], minPeriod: 100 }]);
  });

  it('wakes one device for its reading, and the list for none', () => {
    const list = fleet.changed.value;
    const [a, b] = ['a', 'b'].map((id) => fleet.devices.get(id)?.changed.value);
    socket.say({ type: 'update', readings: [['a', 5, { t: 1 }]] });
    expect(fleet.devices.get('a')?.latest.get('t')).toEqual({ time: 5, value: 1 });
    expect(fleet.devices.get('a')?.changed.value).not.toBe(a);
    expect(fleet.devices.get('b')?.changed.value).toBe(b);
    expect(fleet.changed.value).toBe(list);
  });

  it('wakes the list when a device comes or goes', () => {
    const list = fleet.changed.value;
    socket.say({ type: 'status', device: 'a', online: false, reason: 'timeout', at: 9 });
    expect(fleet.devices.get('a')?.online).toBe(false);
    expect(fleet.changed.value).not.toBe(list);
  });

  it('asks who a stranger is, and for the whole list when there are many', async () => {
    socket.say({ type: 'update', readings: [['new', 5, { t: 1 }]] });
    await settle();
    expect(ids()).toContain('new');
    expect(registry.asked).toEqual(['new']);
    const lists = registry.lists;
    socket.say({ type: 'update', readings: [1, 2, 3, 4, 5, 6].map((n) => [`s${n}`, 5, { t: 1 }] as const) });
    await settle();
    expect(registry.lists).toBe(lists + 1);
    expect(registry.asked).toHaveLength(1);
  });

  it('forgets devices that the hub has no more', async () => {
    registry.pages = [[aView('b')]];
    await fleet.load();
    expect(ids()).toEqual(['b']);
  });

  it('keeps what it has when the list fails, and says why', async () => {
    registry.failure = new Error('busy');
    await fleet.load();
    expect(ids()).toEqual(['a', 'b']);
    expect(fleet.status.value).toEqual({ kind: 'failed', reason: 'busy' });
  });

  it('looks often for the first device of an empty fleet', async () => {
    registry.pages = [];
    await fleet.load();
    registry.pages = [[aView('first')]];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ids()).toEqual(['first']);
  });

  it('asks again after a break', async () => {
    const lists = registry.lists;
    socket.missed.value = { from: 1, to: 2 };
    await settle();
    expect(registry.lists).toBe(lists + 1);
  });

  it('is silent once closed', async () => {
    fleet.close();
    const lists = registry.lists;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(registry.lists).toBe(lists);
  });
});
