import {
  type Command,
  type CommandAnswer,
  CommandMemory,
  LIMITS,
  type LogLevel,
  Uplink,
  type UplinkOptions,
  type UplinkState,
} from '@fieldline/protocol';
import type { Queue } from '../queue/queue.js';
import { type BoardFacts, sameFacts } from './board-facts.js';

/** Messages that are given to the uplink before the hub has acknowledged them. */
const IN_FLIGHT = 256;
/** Lines of the board's log that wait while the hub is away. */
const LOG_LINES = 100;

/** Who a board is at the hub. */
export interface Identity {
  readonly device: string;
  readonly token: string;
}

export interface HubLinkOptions {
  readonly url: string;
  /** The configured profile; the board's own `hello` comes first. */
  readonly profile: string | null;
  readonly queue: Queue;
  onCommand(command: Command, accept: () => void): Promise<CommandAnswer>;
  onConfig(
    desired: Readonly<Record<string, unknown>>,
    version: number,
  ): Promise<Record<string, unknown> | undefined>;
  /** Something that somebody should know of. */
  warn(message: string): void;
  /** The connection came or went. */
  changed?(): void;
  /** For tests. */
  readonly uplink?: Pick<UplinkOptions, 'clock' | 'reconnect' | 'random' | 'WebSocket'>;
}

/**
 * A board's connection to the hub: what waits in the queue goes up, commands and configurations come down.
 *
 * It is there while the board is, and while something waits: so the hub calls a device online whose board is plugged
 * in and speaks. (For the time that it takes to send what an absent board has left, it is online, too.)
 */
export class HubLink {
  readonly #options: HubLinkOptions;
  readonly #commands = new CommandMemory();
  readonly #lines: [level: LogLevel, text: string][] = [];
  #identity: Identity | undefined;
  #facts: BoardFacts | undefined;
  #uplink: Uplink | undefined;
  #told: BoardFacts | undefined;
  /** The highest number that was given to this uplink. */
  #given = 0;
  #isReading = false;
  #isClosed = false;
  #config: number | undefined;
  #stopWaking: () => void = () => {};
  #linesDropped = 0;
  #rejected = 0;

  constructor(options: HubLinkOptions) {
    this.#options = options;
  }

  /** Begins to connect as this device. */
  open(identity: Identity): void {
    this.#identity = identity;
    this.#stopWaking = this.#options.queue.onAdded(() => this.#refresh());
    this.#refresh();
  }

  get state(): UplinkState {
    return this.#uplink?.stats.state ?? 'idle';
  }

  get stats() {
    return { state: this.state, rejected: this.#rejected, linesDropped: this.#linesDropped };
  }

  /** The board is there, and this is what it says of itself. */
  present(facts: BoardFacts): void {
    this.#facts = facts;
    this.#config = facts.config ?? this.#config;
    this.#refresh();
  }

  /** The board is gone. What waits is still sent. */
  absent(): void {
    this.#facts = undefined;
    this.#refresh();
  }

  /** A line for the device's log. Without a connection the newest hundred wait. */
  log(level: LogLevel, text: string): void {
    if (this.#uplink?.log(level, text) === true) return;
    this.#lines.push([level, text]);
    if (this.#lines.length > LOG_LINES) {
      this.#lines.shift();
      this.#linesDropped++;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWaking();
    await this.#drop();
  }

  /** Connects, disconnects, or sends on, as things stand. */
  #refresh(): void {
    if (this.#isClosed || this.#identity === undefined) return;
    const { queue } = this.#options;
    const isWanted = this.#facts !== undefined || queue.highest > queue.confirmed;
    const isOutdated =
      this.#facts !== undefined && this.#told !== undefined && !sameFacts(this.#facts, this.#told);
    if (this.#uplink !== undefined && (!isWanted || isOutdated)) void this.#drop();
    if (isWanted && this.#uplink === undefined) this.#connect(this.#identity);
    void this.#feed();
  }

  async #drop(): Promise<void> {
    const uplink = this.#uplink;
    this.#uplink = undefined;
    await uplink?.close();
    if (uplink !== undefined) this.#options.changed?.();
  }

  #connect({ device, token }: Identity): void {
    const options = this.#options;
    const { queue } = options;
    const facts = this.#facts;
    const profile = facts?.profile ?? options.profile;
    this.#told = facts ?? { caps: [] };
    this.#given = queue.confirmed;
    const uplink = new Uplink({
      url: options.url,
      device,
      token,
      boot: queue.boot,
      seq: queue.confirmed,
      highestSeq: () => queue.highest,
      onBootReused: () => this.#bootReused(),
      maxBuffered: IN_FLIGHT,
      caps: (facts?.caps ?? []).filter((cap) => cap !== 'command' && cap !== 'config'),
      rxMaxBytes: Math.max(LIMITS.minRxMaxBytes, facts?.rxMax ?? LIMITS.rxMaxBytes),
      onAcked: (seq) => this.#confirmed(seq),
      commandMemory: this.#commands,
      passAgain: true,
      ...(profile === null ? {} : { profile }),
      ...(facts?.firmware === undefined ? {} : { firmware: facts.firmware }),
      ...(facts?.sleepMs === undefined ? {} : { sleepMs: facts.sleepMs }),
      ...(facts?.startedAt === undefined ? {} : { uptime: uptimeSince(facts.startedAt) }),
      ...(this.#config === undefined ? {} : { configVersion: this.#config }),
      ...(facts?.caps.includes('command') ? { onCommand: options.onCommand } : {}),
      ...(facts?.caps.includes('config')
        ? { onConfig: (desired, version) => this.#configure(desired, version) }
        : {}),
      ...options.uplink,
    });
    this.#uplink = uplink;
    uplink.on('welcome', ({ ack }) => {
      if (ack !== null) this.#confirmed(ack);
      for (const [level, text] of this.#lines.splice(0)) uplink.log(level, text);
      options.changed?.();
      void this.#feed();
    });
    uplink.on('disconnect', ({ reason, retryInMs }) => {
      if (retryInMs !== null && this.#uplink === uplink) options.changed?.();
      if (reason !== '' && retryInMs !== null) options.warn(`the hub: ${reason}`);
    });
    uplink.on('reject', ({ code, metric, message }) => {
      this.#rejected++;
      options.warn(`the hub does not take ${metric ?? 'a message'}: ${code}, ${message ?? ''}`);
    });
    uplink.on('problem', (problem) => options.warn(`the hub: ${problem.message}`));
    uplink.open();
  }

  /** Gives the uplink what waits, as far as it has room. One at a time. */
  async #feed(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (await this.#feedSome());
    } catch (error) {
      this.#options.warn(`the queue cannot be read: ${(error as Error).message}`);
    } finally {
      this.#isReading = false;
    }
  }

  /** Whether there may be more. */
  async #feedSome(): Promise<boolean> {
    const { queue } = this.#options;
    const uplink = this.#uplink;
    const room = uplink === undefined ? 0 : IN_FLIGHT - uplink.stats.buffered;
    if (uplink?.stats.state !== 'online' || room <= 0 || queue.highest <= this.#given) return false;
    const waiting = await queue.read(this.#given, room);
    // While it was read, the uplink may have been replaced, which begins anew.
    if (uplink !== this.#uplink) return true;
    for (const { seq, body } of waiting.slice(0, room)) {
      if (seq <= this.#given) continue;
      this.#given = seq;
      try {
        uplink.sendNumbered(seq, body);
      } catch (error) {
        this.#options.warn(`message ${seq} is given up: ${(error as Error).message}`);
      }
    }
    return waiting.length > 0;
  }

  #confirmed(seq: number): void {
    this.#options.queue.confirm(seq);
    this.#refresh();
  }

  async #configure(desired: Readonly<Record<string, unknown>>, version: number) {
    const reported = await this.#options.onConfig(desired, version);
    this.#config = version;
    return reported;
  }

  /** Somebody has sent more under this boot than this queue knows of: an older copy of the data directory runs. */
  #bootReused(): string {
    this.#options.warn(
      'the hub knows more of this queue than the queue itself: was an old copy of it put back?',
    );
    return `${this.#options.queue.boot}-${Date.now().toString(36)}`;
  }
}

function uptimeSince(startedAt: number): () => number {
  return () => Math.max(0, Date.now() - startedAt);
}
