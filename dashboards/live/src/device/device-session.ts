import type { DeviceLogLine } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { ApiError, hubClock } from '../api/client.js';
import * as hub from '../api/hub.js';
import { CommandLog } from '../command/command-log.js';
import { LiveDevice } from '../live/device.js';
import type { LiveMessage } from '../live/messages.js';
import type { LiveSocket } from '../live/socket.js';
import { Connections } from './connections.js';
import { RawFeed } from './raw-feed.js';
import { Recorder } from './recorder.js';

const PERIOD_MS = 100;
/** Counters, firmware, address and tags do not come live: they are asked for again this often. */
const REFRESH_MS = 5_000;
/** Live log lines kept on the page; the list below them has the older ones. */
const MOST_LOG_LINES = 200;

export type DeviceStatus =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly device: LiveDevice }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly reason: string };

/** One device on screen: its live values, its recorder, its log; kept true until it is closed. */
export class DeviceSession {
  readonly status = signal<DeviceStatus>({ kind: 'loading' });
  readonly recorder: Recorder;
  readonly connections: Connections;
  /** Commands that it was given, by whomever. */
  readonly commands: CommandLog;
  /** Lines that came while the page was open, newest first. */
  readonly log = signal<readonly DeviceLogLine[]>([]);
  readonly #id: string;
  readonly #socket: LiveSocket;
  #early: LiveMessage[] = [];
  #stop: () => void = () => {};

  constructor(socket: LiveSocket, id: string) {
    this.#socket = socket;
    this.#id = id;
    this.recorder = new Recorder(id);
    this.connections = new Connections((limit) => hub.connections(id, limit));
    this.commands = new CommandLog(socket, [id], {
      list: (cursor) => hub.deviceCommands(id, cursor),
      one: hub.command,
    });
  }

  open(): void {
    // First listen, then ask: what happens between the two is kept.
    const unsubscribe = this.#socket.subscribe(
      { devices: [this.#id], what: ['telemetry', 'status', 'log'], minPeriod: PERIOD_MS },
      (message) => this.#hear(message),
    );
    this.commands.open();
    void this.refresh();
    const timer = setInterval(() => void this.refresh(), REFRESH_MS);
    const unmiss = this.#socket.missed.subscribe((missed) => missed && this.recorder.reload());
    this.#stop = () => {
      unsubscribe();
      unmiss();
      clearInterval(timer);
      this.recorder.close();
      this.commands.close();
    };
  }

  close(): void {
    this.#stop();
  }

  /** What goes over the wire, from when it is opened. */
  rawFeed(): RawFeed {
    return new RawFeed(this.#socket, this.#id);
  }

  async refresh(): Promise<void> {
    // What arrived late is in the history only: live values tell the newest of each metric.
    void this.connections.refresh().then((late) => late && this.recorder.reload());
    const status = this.status.peek();
    try {
      const view = await hub.device(this.#id);
      if (status.kind === 'ready') {
        status.device.refresh(view);
        return;
      }
      const device = new LiveDevice(view);
      this.status.value = { kind: 'ready', device };
      const early = this.#early;
      this.#early = [];
      for (const message of early) this.#hear(message);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.status.value = { kind: 'unknown' };
      // A device that is on screen stays, and ages; the strip above says that the hub is away.
      else if (status.kind !== 'ready') {
        this.status.value = {
          kind: 'failed',
          reason: error instanceof Error ? error.message : String(error),
        };
      }
    }
  }

  #hear(message: LiveMessage): void {
    const status = this.status.peek();
    if (status.kind !== 'ready') {
      if (status.kind === 'loading') this.#early.push(message);
      return;
    }
    const { device } = status;
    const now = hubClock.now();
    if (message.type === 'update') {
      for (const [id, time, values] of message.readings) {
        if (id !== this.#id) continue;
        device.reading(time, values, now);
        this.recorder.reading(time, values);
      }
    } else if (message.type === 'status' && message.device === this.#id) {
      device.status(message.online, message.reason ?? null, message.at);
      void this.refresh();
    } else if (message.type === 'snapshot') {
      for (const snapshot of message.devices) if (snapshot.id === this.#id) device.snapshot(snapshot, now);
    } else if (message.type === 'log' && message.device === this.#id) {
      const { at, level, message: text } = message;
      this.log.value = [{ at, level, message: text }, ...this.log.value].slice(0, MOST_LOG_LINES);
    }
  }
}
