import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Reading, Value } from '@fieldline/journal';
import type { DeviceView, LiveMessage, Page, Snapshot, Update } from '@fieldline/protocol';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { DeviceDirectory, Latest } from '../devices/directory.js';
import { Counters } from '../ops/counters.js';
import type { LiveLimits } from './limits.js';
import { Live } from './live.js';
import type { ViewerPrincipal } from './viewer.js';

/** A directory that a test fills by hand. */
export class TestDirectory implements DeviceDirectory {
  readonly #devices = new Map<string, { tags: Record<string, string>; latest: Map<string, Latest> }>();

  put(id: string, tags: Record<string, string> = {}): void {
    this.#devices.set(id, { tags, latest: this.#devices.get(id)?.latest ?? new Map() });
  }

  remove(id: string): void {
    this.#devices.delete(id);
  }

  apply(readings: readonly Reading[]): void {
    for (const { device, time, values } of readings) {
      const latest = this.#devices.get(device)?.latest;
      for (const [metric, value] of Object.entries(values)) {
        const timeMs = Math.floor(time / 1_000);
        if (timeMs >= (latest?.get(metric)?.time ?? 0)) latest?.set(metric, { time: timeMs, value });
      }
    }
  }

  ids(): Iterable<string> {
    return this.#devices.keys();
  }

  has(id: string): boolean {
    return this.#devices.has(id);
  }

  online(): boolean {
    return true;
  }

  tags(id: string): Readonly<Record<string, string>> {
    return this.#devices.get(id)?.tags ?? {};
  }

  latest(id: string): Iterable<readonly [string, Latest]> {
    return this.#devices.get(id)?.latest ?? [];
  }

  view(): DeviceView | undefined {
    return undefined;
  }

  list(): Page<DeviceView> {
    return { items: [], next: null };
  }
}

/** `timeMs` as in protocol §2; the reading holds microseconds. */
export function reading(device: string, timeMs: number, values: Record<string, Value>): Reading {
  return { device, boot: '', seq: 0, time: timeMs * 1_000, receivedAt: timeMs * 1_000, values, flags: 0 };
}

/** A viewer's end of the socket: keeps what comes and lets a test wait for it. */
export class TestViewer {
  readonly socket: WebSocket;
  readonly messages: LiveMessage[] = [];
  #read = 0;
  #wake: (() => void) | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: RawData) => {
      this.messages.push(JSON.parse(String(data)) as LiveMessage);
      this.#wake?.();
    });
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next message that has not been taken. */
  async next(): Promise<LiveMessage> {
    while (this.#read >= this.messages.length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = this.messages[this.#read];
    this.#read += 1;
    if (message === undefined) throw new Error('no message');
    return message;
  }

  /** Takes messages until one is of the given type. */
  async nextOf<T extends LiveMessage['type']>(type: T): Promise<Extract<LiveMessage, { type: T }>> {
    for (;;) {
      const message = await this.next();
      if (message.type === type) return message as Extract<LiveMessage, { type: T }>;
    }
  }

  /** Subscribes and waits for the end of the snapshot. */
  async subscribe(id: number, rest: object): Promise<Snapshot['devices']> {
    this.send({ type: 'subscribe', id, ...rest });
    const devices: Snapshot['devices'] = [];
    for (;;) {
      const snapshot = await this.nextOf('snapshot');
      devices.push(...snapshot.devices);
      if (!snapshot.more) return devices;
    }
  }

  /** Rows of the next update frame. */
  async rows(): Promise<Update['readings']> {
    return (await this.nextOf('update')).readings;
  }

  async closed(): Promise<number> {
    const [code] = (await once(this.socket, 'close')) as [number];
    return code;
  }
}

/** A live socket behind a real server on a free port. */
export class LiveBench {
  readonly directory = new TestDirectory();
  readonly counters = new Counters();
  readonly faults: unknown[] = [];
  readonly live: Live;
  readonly #server: WebSocketServer;
  readonly #principals: ViewerPrincipal[] = [];
  readonly #clients: WebSocket[] = [];

  constructor(limits: Partial<LiveLimits> = {}) {
    this.live = new Live({
      directory: this.directory,
      counters: this.counters,
      log: { warn: () => undefined, error: (...args: unknown[]) => this.faults.push(args) },
      limits,
    });
    this.#server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    this.#server.on('connection', (socket, request) => {
      const principal = this.#principals.shift() ?? { id: 'nobody', role: 'viewer' };
      this.live.attach(socket, principal, request.socket);
    });
  }

  async viewer(principal: ViewerPrincipal = { id: 'anna', role: 'viewer' }): Promise<TestViewer> {
    if (this.#server.address() === null) await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    this.#principals.push(principal);
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    this.#clients.push(socket);
    const viewer = new TestViewer(socket);
    await once(socket, 'open');
    return viewer;
  }

  /** What each viewer's socket holds unsent, at the hub's end. */
  unsentBytes(): number[] {
    return [...this.#server.clients].map((socket) => socket.bufferedAmount);
  }

  /** What the hub does on a durable commit: the directory first, the viewers in the same tick. */
  commit(...readings: Reading[]): void {
    this.directory.apply(readings);
    this.live.publish(readings);
  }

  async close(): Promise<void> {
    await this.live.close();
    for (const client of this.#clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
