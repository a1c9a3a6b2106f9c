import {
  type Command,
  type CommandAnswer,
  LIMITS,
  type LogLevel,
  Uplink,
  type UplinkOptions,
  type UplinkState,
} from '@fieldline/protocol';
import type { Queue, Waiting } from '../queue/queue.js';
import { type BoardFacts, sameFacts, UNKNOWN_BOARD } from './board-facts.js';
import { BoardLog } from './board-log.js';
import { KnownCommands } from './known-commands.js';

/** Messages that are given to the uplink before the hub has acknowledged them. */
const IN_FLIGHT = 256;

/**
 * How long a connection stays when all is sent and no board was known yet, ms. A board that says no hello counts as there
 * only after it has spoken for a while: a connection for each of its first readings would look like one that flaps.
 */
const LINGER_MS = 5_000;

/** What a user can do about it. */
const REFUSALS: Readonly<Record<string, string>> = {
  unauthorized: 'the token is not valid, or is that of another device (401)',
  disabled: 'the device is switched off there (403)',
  replaced: 'another program is connected as this device',
};

/** Who a board is at the hub. */
export interface Identity {
  readonly device: string;
  readonly token: string;
}

export interface HubLinkOptions {
  readonly url: string;
  /** The hub checks that the token is this device's: where there are several, they get mixed up. */
  readonly isNamed?: boolean;
  /** The configured profile; the board's own `hello` comes first. */
  readonly profile: string | null;
  readonly queue: Queue;
  onCommand(command: Command, accept: () => void): Promise<CommandAnswer>;
  onConfig(
    desired: Readonly<Record<string, unknown>>,
    version: number,
  ): Promise<Record<string, unknown> | undefined>;
  /** Something that somebody should know of, of a kind that may come often. */
  warn(kind: string, message: string): void;
  /** The connection came or went. */
  changed?(): void;
  /** How long it stays connected when all is sent and no board was known yet, ms. */
  readonly lingerMs?: number;
  /** For tests. */
  readonly uplink?: Pick<UplinkOptions, 'clock' | 'reconnect' | 'random' | 'WebSocket'>;
}

/**
 * A board's connection to the hub: what waits in the queue goes up, commands and configurations come down.
 *
 * It is there while the board is, and while something waits: so the hub calls a device online whose board is plugged
 * in and speaks. (For the time that it takes to send what an absent board has left, it is online, too;
 * and for a few seconds more where no board was known when it connected.)
 */
export class HubLink {
  readonly #options: HubLinkOptions;
  readonly #commands: KnownCommands;
  readonly #log = new BoardLog((level, text) => this.#uplink?.log(level, text) === true);
  #identity: Identity | undefined;
  #facts: BoardFacts | undefined;
  #uplink: Uplink | undefined;
  /** What the hub was told of the board over this connection; undefined when it is to be told anew. */
  #told: BoardFacts | undefined;
  /** The connection before, while it ends: two at a time would look like one device that takes over from another. */
  #ending: Promise<void> | undefined;
  /** The highest number that was given to this uplink; and the highest that it would not take. */
  #given = 0;
  #givenUp = 0;
  #isReading = false;
  #mayBeMore = false;
  #isClosed = false;
  #stopWaking: () => void = () => {};
  /** Runs while nothing is left to send and no board was known yet. */
  #lingering: NodeJS.Timeout | undefined;
  /** The code of why the hub lets nobody in. */
  #refused: string | null = null;
  #rejected = 0;
  #tooLarge = 0;

  constructor(options: HubLinkOptions) {
    this.#options = options;
    this.#commands = new KnownCommands(options.onCommand);
  }

  /** Begins to connect as this device. */
  open(identity: Identity): void {
    this.#identity = identity;
    this.#stopWaking = this.#options.queue.onAdded((fresh, after) => this.#added(fresh, after));
    this.#refresh();
  }

  get state(): UplinkState {
    return this.#uplink?.stats.state ?? 'idle';
  }

  get stats() {
    return {
      state: this.state,
      refused: this.#refused,
      rejected: this.#rejected,
      givenUp: this.#tooLarge,
      linesDropped: this.#log.dropped,
    };
  }

  /** The board is there, and this is what it says of itself. */
  present(facts: BoardFacts): void {
    this.#facts = facts;
    if (this.#told === undefined || !sameFacts(facts, this.#told)) this.#drop();
    this.#refresh();
  }

  /** The board is gone. What waits is still sent. When it is back, the hub is told anew, and repeats what it wants. */
  absent(): void {
    this.#facts = undefined;
    this.#told = undefined;
    this.#refresh();
  }

  /** A line for the device's log. */
  log(level: LogLevel, text: string): void {
    this.#log.add(level, text);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWaking();
    this.#drop();
    await this.#ending;
  }

  /** Connects, disconnects, or sends on, as things stand. */
  #refresh(): void {
    if (this.#isClosed || this.#identity === undefined) return;
    const isWanted = this.#isWanted();
    clearTimeout(this.#lingering);
    // Of a board that has gone the hub is to know at once: it must not send it commands.
    if (!isWanted && this.#told === undefined) this.#drop();
    if (!isWanted && this.#uplink !== undefined) this.#linger();
    if (isWanted && this.#uplink === undefined && this.#ending === undefined) this.#connect(this.#identity);
    void this.#feed();
  }

  #isWanted(): boolean {
    const { queue } = this.#options;
    return this.#facts !== undefined || queue.highest > queue.confirmed;
  }

  #linger(): void {
    this.#lingering = setTimeout(() => {
      // What came meanwhile may wait for its acknowledgement, which begins the time anew.
      if (!this.#isWanted()) this.#drop();
    }, this.#options.lingerMs ?? LINGER_MS);
  }

  #drop(): void {
    clearTimeout(this.#lingering);
    const uplink = this.#uplink;
    if (uplink === undefined) return;
    this.#uplink = undefined;
    this.#ending = uplink.close().finally(() => {
      this.#ending = undefined;
      // First: where another connection follows at once, that is what there is to tell.
      this.#refresh();
      this.#options.changed?.();
    });
  }

  #connect({ device, token }: Identity): void {
    const options = this.#options;
    const { queue } = options;
    const facts = this.#facts ?? UNKNOWN_BOARD;
    const profile = facts.profile ?? options.profile;
    this.#told = facts;
    this.#given = queue.confirmed;
    const uplink = new Uplink({
      url: options.url,
      device,
      token,
      isNamed: options.isNamed === true,
      boot: queue.boot,
      seq: queue.confirmed,
      highestSeq: () => queue.highestSent,
      onBootReused: () => this.#bootReused(),
      maxBuffered: IN_FLIGHT,
      caps: facts.caps.filter((cap) => cap !== 'command' && cap !== 'config'),
      rxMaxBytes: Math.max(LIMITS.minRxMaxBytes, facts.rxMax ?? LIMITS.rxMaxBytes),
      onAcked: (seq) => this.#confirmed(seq),
      passAgain: true,
      ...(profile === null ? {} : { profile }),
      ...(facts.firmware === undefined ? {} : { firmware: facts.firmware }),
      ...(facts.sleepMs === undefined ? {} : { sleepMs: facts.sleepMs }),
      ...(facts.startedAt === undefined ? {} : { uptime: uptimeSince(facts.startedAt) }),
      ...(facts.config === undefined ? {} : { configVersion: facts.config }),
      ...(facts.caps.includes('command')
        ? { onCommand: (command, accept) => this.#commands.run(command, accept) }
        : {}),
      ...(facts.caps.includes('config')
        ? { onConfig: (desired, version) => this.#configure(desired, version) }
        : {}),
      ...options.uplink,
    });
    this.#uplink = uplink;
    uplink.on('welcome', ({ ack }) => {
      this.#refused = null;
      if (!this.#meet(ack)) return;
      if (ack !== null) this.#confirmed(ack);
      this.#log.flush();
      options.changed?.();
      void this.#feed();
    });
    uplink.on('disconnect', ({ reason, status, retryInMs }) => {
      if (retryInMs === null || this.#uplink !== uplink) return;
      options.changed?.();
      const isTold = status === 401 || status === 403;
      if (reason !== '' && !isTold) options.warn('connection', `the hub: ${reason}`);
    });
    uplink.on('reject', ({ code, metric, message }) => {
      this.#rejected++;
      options.warn(
        `reject ${code}`,
        `the hub does not take ${metric ?? 'a message'}: ${code}, ${message ?? ''}`,
      );
    });
    uplink.on('dropped', (seqs) => this.#giveUp(uplink, seqs));
    uplink.on('problem', ({ code, message }) => {
      if (REFUSALS[code] !== undefined) this.#refused = code;
      options.warn(code, `the hub: ${REFUSALS[code] ?? message}`);
    });
    uplink.open();
  }

  /** Whether the hub knows no more than was sent from here. Otherwise its `ack` is of other messages: all begins anew. */
  #meet(ack: number | null): boolean {
    const { queue, warn } = this.#options;
    if (ack !== null && ack > queue.highestSent) {
      this.#bootReused();
      this.#drop();
      return false;
    }
    try {
      queue.met();
    } catch (error) {
      warn('numbering', `that the hub was met could not be kept: ${(error as Error).message}`);
    }
    return true;
  }

  /** Something new is in the queue. Where all before it was given, it goes at once, and need not be read again. */
  #added(fresh: readonly Waiting[], after: number): void {
    const uplink = this.#uplink;
    const isNext = !this.#isReading && this.#given >= after;
    if (uplink !== undefined && isNext && fresh.length <= roomOf(uplink)) this.#giveAll(uplink, fresh);
    else this.#refresh();
  }

  /** Gives the uplink what waits, as far as it has room. One at a time: who comes meanwhile has it look once more. */
  async #feed(): Promise<void> {
    this.#mayBeMore = true;
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#mayBeMore) {
        this.#mayBeMore = false;
        while (await this.#feedSome());
      }
    } catch (error) {
      this.#options.warn('queue', `the queue cannot be read: ${(error as Error).message}`);
    } finally {
      this.#isReading = false;
    }
  }

  /** Whether there may be more. */
  async #feedSome(): Promise<boolean> {
    const { queue } = this.#options;
    const uplink = this.#uplink;
    const room = uplink === undefined ? 0 : roomOf(uplink);
    if (uplink === undefined || room <= 0 || queue.highest <= this.#given) return false;
    const waiting = await queue.read(this.#given, room);
    // While it was read, the uplink may have been replaced, which begins anew.
    if (uplink !== this.#uplink) return true;
    this.#giveAll(uplink, waiting.slice(0, room));
    return waiting.length > 0;
  }

  #giveAll(uplink: Uplink, waiting: readonly Waiting[]): void {
    for (const { seq, body } of waiting) {
      if (seq <= this.#given) continue;
      this.#given = seq;
      try {
        uplink.sendNumbered(seq, body);
      } catch (error) {
        // No later try would be better.
        this.#options.warn('given up', `message ${seq} is given up: ${(error as Error).message}`);
        this.#giveUp(uplink, [seq]);
      }
    }
  }

  /** They must not hold the connection open when all else is sent. @param seqs in ascending order */
  #giveUp(uplink: Uplink, seqs: readonly number[]): void {
    const seq = seqs.at(-1) ?? 0;
    this.#tooLarge += seqs.length;
    this.#givenUp = Math.max(this.#givenUp, seq);
    if (uplink.stats.buffered === 0) this.#confirmed(seq);
  }

  #confirmed(seq: number): void {
    const isAllAnswered = this.#givenUp > seq && this.#uplink?.stats.buffered === 0;
    this.#options.queue.confirm(isAllAnswered ? this.#givenUp : seq);
    this.#refresh();
  }

  async #configure(desired: Readonly<Record<string, unknown>>, version: number) {
    const reported = await this.#options.onConfig(desired, version);
    // The hub hears of it as the answer to its message.
    if (this.#told !== undefined) this.#told = { ...this.#told, config: version };
    if (this.#facts !== undefined) this.#facts = { ...this.#facts, config: version };
    return reported;
  }

  /**
   * Somebody has sent more under this boot than this queue knows of: an older copy of the data directory runs. What waits
   * goes under another name, which is kept: after a restart, too, the numbers count within that.
   */
  #bootReused(): string {
    const { queue, warn } = this.#options;
    warn(
      'boot reused',
      'the hub knows more of this queue than the queue itself: was an old copy of it put back?',
    );
    try {
      return queue.rename();
    } catch (error) {
      warn('boot kept', `the new name of the queue could not be kept: ${(error as Error).message}`);
      return queue.boot;
    }
  }
}

/** So many messages it takes now. */
function roomOf(uplink: Uplink): number {
  const { state, buffered } = uplink.stats;
  return state === 'online' ? IN_FLIGHT - buffered : 0;
}

function uptimeSince(startedAt: number): () => number {
  return () => Math.max(0, Date.now() - startedAt);
}
