import { EventEmitter } from 'node:events';
import { CLOSE, type LogLevel } from '../codes.js';
import { DEFAULT_LIMITS } from '../limits.js';
import type { Hello } from '../messages/device.js';
import type { HubError, HubMessage, Reject, TimeAnswer, Welcome } from '../messages/hub.js';
import { isBoot } from '../names.js';
import { Commands } from './commands.js';
import { Configs } from './configs.js';
import { Connection } from './connection.js';
import { UplinkError } from './error.js';
import {
  bestEffortFrame,
  bodyTail,
  fits,
  jsonTail,
  numberedFrame,
  type Readings,
  valuesTail,
} from './frames.js';
import {
  randomBoot,
  type UplinkDisconnect,
  type UplinkOptions,
  type UplinkSettings,
  type UplinkStats,
  withDefaults,
} from './options.js';
import { Outbox, type Pending } from './outbox.js';

/** Best-effort readings are not queued behind more than this. */
const BEST_EFFORT_BUFFER_BYTES = 65_536;

export interface UplinkEvents {
  /** A connection is up; sending goes on. */
  welcome: [welcome: Welcome];
  /** A connection ended, or an attempt failed. The next one comes by itself. */
  disconnect: [end: UplinkDisconnect];
  /** Values of a message were not stored. */
  reject: [reject: Reject];
  /** Something went wrong that somebody should know of. (Not `error`, which Node throws when unheard.) */
  problem: [problem: UplinkError];
  /** Messages were given up, in the order of their numbers: the buffer was full, or the hub takes none that long. */
  dropped: [seqs: readonly number[]];
  /** The answer to `requestTime`. */
  time: [answer: TimeAnswer];
}

/**
 * The device's end of the device socket (protocol §1): numbers messages, keeps them until the hub has
 * acknowledged them, and sends them again over as many connections as it takes.
 *
 * `send` never waits: it numbers the message, writes it when the credit window allows, and the buffer of
 * unacked messages is bounded. After a reconnect everything behind `welcome.ack` is written again, in order;
 * the hub drops what it has. Where the hub answers `boot_reused` (the boot's name was used before, by a
 * device that remembered more), the uplink takes a new random boot, numbers the unacked messages anew from 1
 * and sends them all.
 */
export class Uplink extends EventEmitter<UplinkEvents> {
  readonly #settings: UplinkSettings;
  readonly #connection: Connection;
  readonly #outbox = new Outbox();
  readonly #commands: Commands;
  readonly #configs: Configs;
  readonly #flushes = new Set<(all: boolean) => void>();
  #boot: string;
  #seq: number;
  #window = 0;
  #maxFrameBytes: number = DEFAULT_LIMITS.frameBytes;
  #counts = { sent: 0, acked: 0, rejected: 0, refused: 0, resent: 0, dropped: 0 };
  #bestEffort = { written: 0, dropped: 0 };

  /** @throws TypeError when `url`, `token` or `boot` is not valid */
  constructor(options: UplinkOptions) {
    super();
    this.#settings = withDefaults(options);
    this.#boot = options.boot ?? randomBoot();
    if (!isBoot(this.#boot)) throw new TypeError('boot: 1 to 32 of A-Z a-z 0-9 _ - expected');
    this.#seq = options.seq ?? 0;
    this.#commands = new Commands(options, (result) => this.#write(result));
    this.#configs = new Configs(this.#settings, (report) => this.#write(report));
    this.#connection = new Connection(this.#settings, {
      hello: () => this.#hello(),
      welcomed: (welcome) => this.#welcomed(welcome),
      received: (message) => this.#received(message),
      lost: (end) => this.#lost(end),
      problem: (problem) => this.emit('problem', problem),
    });
  }

  get device(): string {
    return this.#settings.device;
  }

  /** The name of this start of the device. */
  get boot(): string {
    return this.#boot;
  }

  get stats(): UplinkStats {
    return {
      state: this.#connection.state,
      ...this.#counts,
      buffered: this.#outbox.size,
      inFlight: this.#outbox.inFlight,
      bestEffort: this.#bestEffort.written,
      bestEffortDropped: this.#bestEffort.dropped,
      connections: this.#connection.connections,
    };
  }

  /** Begins to connect, and stays at it until `close`. */
  open(): void {
    this.#connection.open();
  }

  /**
   * Sends one reading. It is kept until the hub has it on disk.
   * @param options.time milliseconds since 1970, now by default; null leaves it to the hub
   * @returns the message's number
   * @throws UplinkError `buffer_full`, `too_large`, `closed`; TypeError when `time` is not a number
   */
  send(values: Readings, options?: { readonly time?: number | null }): number {
    return this.#enqueue(valuesTail(values, this.#timeOf(options)));
  }

  /** Sends several readings as one message, each a pair of its time (ms since 1970) and its values. */
  sendRows(rows: readonly (readonly [time: number, values: Readings])[]): number {
    return this.#enqueue(bodyTail({ rows }));
  }

  /** Sends telemetry in any shape of protocol §1.2, without `type` and `seq`, which are put in. */
  sendTelemetry(body: Readonly<Record<string, unknown>>): number {
    return this.#enqueue(bodyTail(body));
  }

  /**
   * Sends telemetry that has its number already: for a sender that keeps messages on a disk (`highestSeq`). Numbers
   * ascend; nothing is renumbered. `body` is the message as JSON, without `type` and `seq`.
   * @throws UplinkError `buffer_full`, `too_large`, `closed`; RangeError when the number does not ascend
   */
  sendNumbered(seq: number, body: string): void {
    if (!(seq > this.#seq)) throw new RangeError(`message ${seq} does not follow ${this.#seq}`);
    const before = this.#seq;
    this.#seq = seq - 1;
    try {
      this.#enqueue(jsonTail(body));
    } catch (error) {
      this.#seq = before;
      throw error;
    }
  }

  /** Writes one reading now or never: no number, no ack. False when there is no connection, or a slow one. */
  sendBestEffort(values: Readings, options?: { readonly time?: number | null }): boolean {
    const { bufferedBytes } = this.#connection;
    const frame = bestEffortFrame(valuesTail(values, this.#timeOf(options)));
    const written = bufferedBytes <= BEST_EFFORT_BUFFER_BYTES && this.#connection.write(frame);
    if (written) this.#bestEffort.written++;
    else this.#bestEffort.dropped++;
    return written;
  }

  /** Writes a line to the device's log at the hub. False when there is no connection: it is not kept. */
  log(level: LogLevel, message: string): boolean {
    return this.#write({ type: 'log', level, message });
  }

  /** Asks the hub for the time; event `time` has the answer. `uptime` in ms. */
  requestTime(uptime: number): boolean {
    return this.#write({ type: 'time', uptime });
  }

  /** Writes a frame as it is, for tests of the hub. False when there is no connection. */
  sendRaw(frame: string): boolean {
    return this.#connection.write(frame);
  }

  /** Resolves with true once every message is acked; with false after `timeoutMs`, or at `close`. */
  flush(timeoutMs: number): Promise<boolean> {
    if (this.#outbox.size === 0) return Promise.resolve(true);
    if (this.#connection.state === 'closed') return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (all: boolean) => {
        cancel();
        this.#flushes.delete(settle);
        resolve(all);
      };
      const cancel = this.#settings.clock.after(timeoutMs, () => settle(false));
      this.#flushes.add(settle);
    });
  }

  /** Cuts the connection as a failing network would; the reconnect follows as after any other loss. */
  cut(): void {
    this.#connection.lose({ code: 1006, reason: 'cut' });
  }

  /** Ends the connection for good. What is not acked by then is lost: `flush` first. */
  async close(): Promise<void> {
    this.#configs.close();
    const closed = this.#connection.close();
    for (const settle of this.#flushes) settle(false);
    await closed;
  }

  #timeOf(options: { readonly time?: number | null } | undefined): number | null {
    return options?.time === undefined ? this.#settings.clock.now() : options.time;
  }

  #enqueue(tail: string): number {
    if (this.#connection.state === 'closed') throw new UplinkError('closed', 'the uplink is closed');
    if (!fits(tail, this.#maxFrameBytes, this.#settings.wire)) {
      throw new UplinkError('too_large', `the hub takes frames of at most ${this.#maxFrameBytes} bytes`);
    }
    if (this.#outbox.size >= this.#settings.maxBuffered) {
      if (this.#settings.whenFull === 'refuse') {
        throw new UplinkError('buffer_full', `${this.#outbox.size} messages wait for their acks`);
      }
      const oldest = this.#outbox.dropOldest();
      if (oldest !== undefined) this.#dropped([oldest]);
    }
    this.#outbox.push(++this.#seq, tail);
    this.#counts.sent++;
    this.#pump();
    return this.#seq;
  }

  /** Writes what the credit window allows. */
  #pump(): void {
    if (this.#connection.state !== 'online') return;
    while (this.#outbox.inFlight < this.#window) {
      const item = this.#outbox.take();
      if (item === undefined) return;
      if (item.writtenAt >= 0) this.#counts.resent++;
      else item.writtenAt = this.#settings.onAcked === undefined ? 0 : this.#settings.clock.monotonic();
      this.#connection.write(numberedFrame(item.seq, item.tail));
    }
  }

  #write(message: object): boolean {
    return this.#connection.write(JSON.stringify(message));
  }

  #hello(): Hello {
    const { caps, rxMaxBytes, firmware, profile, uptime, sleepMs } = this.#settings;
    const config = this.#configs.version;
    return {
      type: 'hello',
      boot: this.#boot,
      seq: this.#settings.highestSeq?.() ?? this.#seq,
      ...(firmware === undefined ? {} : { firmware }),
      ...(profile === undefined ? {} : { profile }),
      caps,
      rxMax: rxMaxBytes,
      ...(uptime === undefined ? {} : { uptime: uptime() }),
      ...(config === undefined ? {} : { config }),
      ...(sleepMs === undefined ? {} : { sleep: sleepMs }),
    };
  }

  #received(message: HubMessage): void {
    switch (message.type) {
      case 'ack':
        if (message.boot === this.#boot) this.#acked(message.seq);
        break;
      case 'window':
        this.#window = message.window;
        break;
      case 'reject':
        this.#counts.rejected++;
        this.emit('reject', message);
        break;
      case 'command':
        this.#commands.receive(message);
        break;
      case 'config':
        this.#configs.receive(message);
        break;
      case 'time':
        this.emit('time', message);
        break;
      case 'error':
        this.#refused(message);
        break;
    }
    this.#pump();
  }

  #welcomed(welcome: Welcome): void {
    this.#window = welcome.window;
    this.#maxFrameBytes = welcome.maxFrame;
    this.#dropTooLarge();
    if (welcome.ack !== null) this.#acked(welcome.ack);
    this.emit('welcome', welcome);
    this.#pump();
  }

  #lost(end: UplinkDisconnect): void {
    this.#outbox.rewind();
    this.emit('disconnect', end);
  }

  #acked(seq: number): void {
    this.#outbox.ack(seq, this.#countAck);
    this.#settle();
  }

  readonly #countAck = (item: Pending): void => {
    this.#counts.acked++;
    const { onAcked, clock } = this.#settings;
    if (onAcked === undefined) return;
    onAcked(item.seq, item.writtenAt < 0 ? null : clock.monotonic() - item.writtenAt);
  };

  #settle(): void {
    if (this.#outbox.size > 0) return;
    for (const settle of this.#flushes) settle(true);
  }

  #refused(error: HubError): void {
    if (error.code === 'boot_reused') {
      const { onBootReused } = this.#settings;
      this.#boot = onBootReused?.() ?? randomBoot();
      if (onBootReused === undefined) this.#seq = this.#outbox.renumber();
      this.#connection.lose({ code: CLOSE.malformed, reason: error.code });
    } else if (error.seq !== undefined && this.#outbox.answer(error.seq)) {
      this.#counts.refused++;
      this.#settle();
    }
    const about = error.seq === undefined ? {} : { seq: error.seq };
    this.emit('problem', new UplinkError(error.code, error.message, about));
  }

  /** A hub with a smaller limit than the one before will never take these. */
  #dropTooLarge(): void {
    const dropped = this.#outbox.removeWhere(
      ({ tail, answered }) => !answered && !fits(tail, this.#maxFrameBytes, this.#settings.wire),
    );
    if (dropped.length === 0) return;
    const message = `${dropped.length} messages dropped: the hub takes at most ${this.#maxFrameBytes} bytes`;
    this.emit('problem', new UplinkError('too_large', message));
    this.#dropped(dropped);
    this.#settle();
  }

  #dropped(items: readonly Pending[]): void {
    this.#counts.dropped += items.length;
    this.emit(
      'dropped',
      items.map(({ seq }) => seq),
    );
  }
}
