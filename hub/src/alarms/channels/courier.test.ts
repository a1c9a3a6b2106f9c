import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlarmDeliveries } from '../../state/alarm-deliveries.js';
import { StateFile } from '../../state/state-file.js';
import { type Channel, ChannelError, type Message } from './channel.js';
import { Courier } from './courier.js';

const DAY_MS = 86_400_000;

/** Takes what it gets, or fails as it is told. */
class ScriptedChannel implements Channel {
  readonly name = 'webhook';
  readonly target = 'on-call';
  perMinute: number | null = 10;
  readonly sent: Message[] = [];
  tries = 0;
  failure: ChannelError | null = null;

  wants(): boolean {
    return true;
  }

  async send(message: Message): Promise<void> {
    this.tries++;
    if (this.failure) throw this.failure;
    this.sent.push(message);
  }

  async test(): Promise<void> {
    if (this.failure) throw this.failure;
  }

  close(): void {}
}

let directory: string;
let state: StateFile;
let deliveries: AlarmDeliveries;
let channel: ScriptedChannel;
let courier: Courier;
let now = 1_767_225_600_000;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-courier-'));
  state = StateFile.open(join(directory, 'state.sqlite'));
  deliveries = new AlarmDeliveries(state);
  channel = new ScriptedChannel();
  courier = open();
});
afterEach(async () => {
  await courier.close();
  state.close();
  rmSync(directory, { recursive: true });
});

function open(): Courier {
  const log = { warn: () => undefined, info: () => undefined };
  const retry = { minMs: 1, maxMs: 4 };
  return new Courier({
    channel,
    deliveries,
    hub: 'h',
    log,
    now: () => now,
    random: () => 0,
    retry,
    gatherMs: 20,
  });
}

function owe(count: number, at = now, payload = (n: number) => JSON.stringify({ n })): void {
  state.transaction(() => {
    for (let i = 0; i < count; i++) {
      deliveries.add('webhook', { alarm: `a${i}`, event: 'raised', at, payload: payload(i) });
    }
  });
  courier.ring();
}

const numbers = (message: Message | undefined) =>
  message?.notices.map((notice) => (notice as unknown as { n: number }).n);

describe('a courier', () => {
  it('tells each by itself, in order, and remembers that it did', async () => {
    courier.open();
    owe(3);
    await vi.waitFor(() => expect(channel.sent).toHaveLength(3));
    expect(channel.sent.map(numbers)).toEqual([[0], [1], [2]]);
    await vi.waitFor(() =>
      expect(courier.view()).toMatchObject({ state: 'idle', owed: 0, sent: 3, error: null }),
    );
    expect(deliveries.of('a0')).toMatchObject([{ state: 'sent', attempts: 1 }]);
  });

  it('tries again until it is taken, with the same id, and says why it could not', async () => {
    channel.failure = new ChannelError('refuses the log-in');
    owe(1);
    courier.open();
    await vi.waitFor(() => expect(channel.tries).toBeGreaterThan(3));
    expect(courier.view()).toMatchObject({ state: 'retrying', owed: 1, error: 'refuses the log-in' });
    channel.failure = null;
    await vi.waitFor(() => expect(channel.sent).toHaveLength(1));
    expect(channel.sent[0]?.id).toBe('h-webhook-1');
    await vi.waitFor(() => expect(courier.view()).toMatchObject({ error: null, owed: 0 }));
  });

  it('goes on after a restart with what is owed', async () => {
    channel.failure = new ChannelError('away');
    owe(2);
    courier.open();
    await vi.waitFor(() => expect(channel.tries).toBeGreaterThan(0));
    await courier.close();
    channel.failure = null;
    courier = open();
    courier.open();
    await vi.waitFor(() => expect(channel.sent.map(({ id }) => id)).toEqual(['h-webhook-1', 'h-webhook-2']));
  });

  it('tells of many in one message, also of those that come a moment later; then it is quiet for a while', async () => {
    courier.open();
    owe(200);
    await new Promise(setImmediate);
    expect(courier.view()).toMatchObject({ state: 'waiting', sent: 0 });
    owe(300);
    await vi.waitFor(() => expect(channel.sent).toHaveLength(1));
    expect(channel.sent[0]?.notices).toHaveLength(500);
    owe(2);
    await vi.waitFor(() => expect(courier.view()).toMatchObject({ state: 'waiting', owed: 2, sent: 1 }));
  });

  it('tells few one by one', async () => {
    channel.perMinute = 3;
    courier = open();
    owe(3);
    courier.open();
    await vi.waitFor(() => expect(channel.sent).toHaveLength(3));
    expect(channel.sent.map(numbers)).toEqual([[0], [1], [2]]);
  });

  it('leaves a message that tells of many as it is, in every try', async () => {
    channel.failure = new ChannelError('away');
    channel.perMinute = 1;
    courier = open();
    owe(2);
    courier.open();
    await vi.waitFor(() => expect(channel.tries).toBeGreaterThan(0));
    owe(1);
    channel.failure = null;
    await vi.waitFor(() => expect(channel.sent).toHaveLength(1));
    expect(channel.sent[0]).toMatchObject({ id: 'h-webhook-1' });
    expect(channel.sent[0]?.notices).toHaveLength(2);
  });

  it('gives up what the other side refuses, so that others get through', async () => {
    channel.failure = new ChannelError('answered 400', { isRefused: true });
    owe(1);
    courier.open();
    await vi.waitFor(() => expect(courier.view()).toMatchObject({ owed: 0, dropped: 1 }));
    expect(channel.tries).toBe(3);
    expect(deliveries.of('a0')).toMatchObject([{ state: 'refused', attempts: 3, error: 'answered 400' }]);
  });

  it('where nothing bounds how many may go, tells each by itself and reads each but once', async () => {
    channel.perMinute = null;
    courier = open();
    const read = vi.spyOn(deliveries, 'owed');
    owe(350);
    courier.open();
    await vi.waitFor(() => expect(courier.view()).toMatchObject({ state: 'idle', owed: 0, sent: 350 }));
    expect(channel.sent.map(numbers)).toEqual(Array.from({ length: 350 }, (_, n) => [n]));
    const rows = read.mock.results.reduce((sum, { value }) => sum + value.length, 0);
    expect(rows).toBeLessThan(360);
  });

  it('goes on behind what was told before one that is not taken', async () => {
    channel.perMinute = null;
    courier = open();
    owe(3);
    const send = channel.send.bind(channel);
    channel.send = async (message) => {
      channel.failure = channel.tries === 1 ? new ChannelError('away') : null;
      await send(message);
    };
    courier.open();
    await vi.waitFor(() => expect(courier.view()).toMatchObject({ owed: 0, sent: 3, failed: 1 }));
    expect(channel.sent.map(({ id }) => id)).toEqual(['h-webhook-1', 'h-webhook-2', 'h-webhook-3']);
    expect(deliveries.of('a1')).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  it('tells nothing again because it could not be noted that it was told', async () => {
    const done = deliveries.done.bind(deliveries);
    let tries = 0;
    deliveries.done = (...of) => {
      if (++tries < 4) throw new Error('the disk is full');
      done(...of);
    };
    owe(2);
    courier.open();
    await vi.waitFor(() => expect(courier.view()).toMatchObject({ owed: 0, sent: 2 }));
    expect(channel.sent.map(numbers)).toEqual([[0], [1]]);
    expect(tries).toBe(5);
  });

  it('gives up what is damaged, so that others get through', async () => {
    owe(1, now, () => '{"n":');
    owe(1);
    courier.open();
    await vi.waitFor(() => expect(courier.view()).toMatchObject({ owed: 0, sent: 1, dropped: 1 }));
  });

  it('gives up the oldest where too much is owed, and counts it', () => {
    owe(10_400);
    deliveries.trim(now);
    deliveries.trim(now);
    expect(courier.view()).toMatchObject({ owed: 10_000, dropped: 400 });
  });

  it('gives up what is older than a day', async () => {
    owe(2, now - DAY_MS - 1);
    owe(1);
    courier.open();
    await vi.waitFor(() => expect(channel.sent).toHaveLength(1));
    expect(courier.view().dropped).toBe(2);
  });

  it('lets time pass before it goes beyond its rate', async () => {
    channel.perMinute = 1;
    courier = open();
    owe(1);
    courier.open();
    await vi.waitFor(() => expect(channel.sent).toHaveLength(1));
    now += 60_000;
    owe(1);
    await vi.waitFor(() => expect(channel.sent).toHaveLength(2));
  });
});
