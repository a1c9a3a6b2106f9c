import {
  type Command,
  type CommandAnswer,
  cutText,
  type DecodedTelemetry,
  decodeIngestMessage,
  type Hello,
  LIMITS,
  type LogLevel,
  UptimeClock,
} from '@fieldline/protocol';
import { type BoardFacts, factsOf, UNKNOWN_BOARD } from '../hub/board-facts.js';
import type { Outgoing } from '../queue/queue.js';
import { answerOfConfig, answerOfLine, answerOfResult } from './answers.js';
import type { BoardCodec, BoardInput } from './board-codec.js';
import type { BoardNumbers } from './board-numbers.js';
import { CommandDesk } from './command-desk.js';
import { type BoardCounts, newCounts } from './counts.js';
import { Receipts } from './receipts.js';
import { isUptime, telemetryBody, toTime } from './telemetry-body.js';

/** How long after its first words a board is given to say hello. */
const HELLO_MS = 1_500;
/** A fall of the uptime by more than this is no jitter; nor is it one near its wrap. */
const RESTART_MS = 1_000;
const NEAR_WRAP_MS = 2 ** 31;

/** What a board needs around it. */
export interface BoardSurroundings {
  /** Makes a codec for a port that was just opened. */
  codec(): BoardCodec;
  /** Writes to the port, now or never. */
  write(bytes: Buffer): boolean;
  /** Resolves once the message is on the disk. */
  keep(message: Outgoing): Promise<void>;
  readonly numbers: BoardNumbers;
  /** It is there, and says this of itself. */
  present(facts: BoardFacts): void;
  absent(): void;
  /** A line for the device's log at the hub. */
  log(level: LogLevel, text: string): void;
  /** Something that somebody should know of, of a kind that may come often. */
  warn(kind: string, message: string): void;
  /** Longest line that may be written while the board has not said what it takes. */
  readonly maxLineBytes: number;
  readonly now?: () => number;
}

/** One board on its port: hears what it says, keeps it, acknowledges it, and brings it commands. */
export class Board {
  readonly #around: BoardSurroundings;
  readonly #now: () => number;
  readonly #desk: CommandDesk;
  readonly #receipts: Receipts;
  readonly counts: BoardCounts = newCounts();
  #codec: BoardCodec | undefined;
  /** Of what follows an opening, what comes before the first delimiter may be half a line. */
  #isFirst = false;
  /** Of this opening, as all below: whatever is plugged in next may be another board. */
  #hasGreeted = false;
  #rxMax: number | undefined;
  #boot: string | undefined;
  #clock = new UptimeClock();
  #lastUptime = 0;
  #isPresent = false;
  #helloTimer: NodeJS.Timeout | undefined;
  /** The boot that was heard last, and the configuration that it runs. */
  #lastBoot: string | undefined;
  #config: number | undefined;

  constructor(around: BoardSurroundings) {
    this.#around = around;
    this.#now = around.now ?? Date.now;
    this.#desk = new CommandDesk(this.counts.commands, this.#now);
    this.#receipts = new Receipts({
      numbers: around.numbers,
      acknowledge: (boot, seq) => this.#tell({ type: 'ack', boot, seq }),
      ask: () => this.#ask(),
    });
  }

  /** Its port was opened. */
  opened(): void {
    this.counts.openings++;
    this.#codec = this.#around.codec();
    this.#isFirst = true;
    this.#hasGreeted = false;
    this.#rxMax = undefined;
    this.#boot = undefined;
    this.#clock = new UptimeClock();
    this.#lastUptime = 0;
    this.#ask();
  }

  /** Its port is gone. */
  gone(): void {
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
    this.#receipts.stop();
    this.#codec = undefined;
    this.#desk.closed();
    if (this.#isPresent) this.#around.absent();
    this.#isPresent = false;
  }

  /** A frame came from it. */
  heard(frame: Buffer): void {
    const codec = this.#codec;
    if (codec === undefined) return;
    const input = codec.read(frame);
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    // Half a line may look like a whole one: `temperature=21.5` without its last digit.
    if (isFirst && !codec.isChecked && input.kind !== 'nothing' && !isHello(input))
      this.counts.dropped.half++;
    else this.#take(input);
  }

  tooLong(): void {
    this.#isFirst = false;
    this.counts.dropped.too_long++;
  }

  command(command: Command, accept: () => void): Promise<CommandAnswer> {
    return this.#desk.command(command, accept);
  }

  async config(desired: Readonly<Record<string, unknown>>, version: number) {
    const reported = await this.#desk.config(desired, version);
    this.#config = version;
    return reported;
  }

  #take(input: BoardInput): void {
    switch (input.kind) {
      case 'nothing':
        return;
      case 'fault':
        this.counts.dropped[input.reason]++;
        return;
      case 'log':
        this.#logLine(input.broken === undefined ? 'info' : 'warn', input.text);
        if (input.broken !== undefined) {
          this.#around.warn('broken', `the board wrote JSON that is none: ${input.broken}`);
        }
        return;
      case 'reading':
        this.#reading(JSON.stringify(input.values), input.uptimeMs);
        break;
      case 'result':
        this.#desk.answered(input.id, answerOfLine(input.answer));
        break;
      case 'message':
        this.#message(input.message);
        break;
    }
    this.#speaks();
  }

  #message(message: Readonly<Record<string, unknown>>): void {
    // A small board takes less than the protocol's least: the bridge keeps to it, and the hub need not know.
    const { rxMax, ...rest } = message;
    const isSmall = typeof rxMax === 'number' && rxMax < LIMITS.minRxMaxBytes;
    const frame = decodeIngestMessage(isSmall ? rest : message);
    switch (frame.kind) {
      case 'telemetry':
        this.#telemetry(frame.message);
        break;
      case 'reading':
        this.#reading(JSON.stringify(frame.values), undefined);
        break;
      case 'hello':
        this.#rxMax = typeof rxMax === 'number' ? rxMax : undefined;
        this.#greeted(frame.message, message.oldest);
        break;
      case 'result':
        this.#desk.answered(frame.message.id, answerOfResult(frame.message));
        break;
      case 'config':
        this.#desk.answered(`config ${frame.message.version}`, answerOfConfig(frame.message));
        break;
      case 'log':
        this.#logLine(frame.message.level, frame.message.message);
        break;
      case 'time':
        this.#tell({ type: 'time', uptime: frame.message.uptime, time: this.#now() });
        break;
      case 'unknown_type':
        this.#around.warn('unknown', `the board sent a message of type ${frame.type}, which nobody knows`);
        break;
      case 'malformed':
        this.#malformed(frame.message, frame.seq);
        break;
    }
  }

  /** The board is told, where the message has a number: it will not be better the next time. */
  #malformed(message: string, seq: number | undefined): void {
    this.counts.dropped.malformed++;
    this.#around.log('warn', `malformed: ${message}`);
    if (seq === undefined || this.#boot === undefined) return;
    this.#tell({ type: 'error', code: 'malformed', message, seq, fatal: false });
    this.#receipts.settled(this.#boot, seq);
  }

  #logLine(level: LogLevel, text: string): void {
    this.counts.logLines++;
    this.#around.log(level, cutText(text, LIMITS.stringBytes));
  }

  /** A reading as it was measured just now. */
  #reading(values: string, uptimeMs: number | undefined): void {
    const received = this.#now();
    this.counts.readings++;
    if (uptimeMs !== undefined) this.#noticeRestart(uptimeMs);
    const time = uptimeMs === undefined ? received : toTime(uptimeMs, received, this.#clock);
    this.#keep({ row: { time, values } }).catch(() => undefined);
  }

  /** A board that says no hello tells by its uptime alone that it has started anew. */
  #noticeRestart(uptimeMs: number): void {
    const last = this.#lastUptime;
    this.#lastUptime = uptimeMs;
    if (uptimeMs < last - RESTART_MS && last < NEAR_WRAP_MS) this.#clock = new UptimeClock();
  }

  #telemetry(message: DecodedTelemetry): void {
    const { seq } = message;
    const boot = message.boot ?? this.#boot;
    if (seq !== undefined && boot === undefined && !this.#isPresent) {
      // Its hello is on its way, and says what the number counts within: then it is sent again, not being acknowledged.
      this.counts.dropped.before_hello++;
      return;
    }
    const body = () => telemetryBody(message, this.#now(), this.#clock);
    if (seq === undefined || boot === undefined) {
      this.counts.readings++;
      this.#keep({ body: body() }).catch(() => undefined);
      return;
    }
    const isNew = this.#receipts.take(boot, seq, () => this.#keep({ body: body(), number: { boot, seq } }));
    if (isNew) this.counts.readings++;
    else this.counts.duplicates++;
  }

  async #keep(message: Outgoing): Promise<void> {
    try {
      await this.#around.keep(message);
    } catch (error) {
      this.counts.refused++;
      this.#around.warn('refused', `a reading is not taken: ${(error as Error).message}`);
      throw error;
    }
  }

  #greeted(hello: Hello, oldest: unknown): void {
    const receivedMs = this.#now();
    const { boot } = hello;
    if (boot !== this.#boot) this.#clock = new UptimeClock();
    if (boot === undefined || boot !== this.#lastBoot) this.#config = undefined;
    if (boot !== undefined && this.#lastBoot !== undefined && boot !== this.#lastBoot) {
      this.#around.log('info', `the board has started anew, boot ${boot}`);
    }
    this.#boot = boot;
    this.#lastBoot = boot;
    this.#config = hello.config ?? this.#config;
    if (isUptime(hello.uptime)) this.#clock.observe(hello.uptime, receivedMs);
    if (boot !== undefined) this.#receipts.greeted(boot, oldest);
    this.#introduce(factsOf(hello, { rxMax: this.#rxMax, config: this.#config, receivedMs }));
    if (!this.#hasGreeted) this.#openDesk();
    this.#hasGreeted = true;
  }

  /** The board has said something. One without a hello is introduced without it. */
  #speaks(): void {
    if (this.#isPresent || this.#helloTimer !== undefined) return;
    this.#helloTimer = setTimeout(() => {
      this.#helloTimer = undefined;
      if (this.#codec !== undefined && !this.#isPresent) this.#introduce(UNKNOWN_BOARD);
    }, HELLO_MS);
  }

  #introduce(facts: BoardFacts): void {
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
    this.#isPresent = true;
    this.#around.present(facts);
  }

  #openDesk(): void {
    const codec = this.#codec;
    if (codec === undefined) return;
    this.#desk.opened({
      codec,
      maxBytes: () => this.#rxMax ?? this.#around.maxLineBytes,
      write: (bytes) => this.#around.write(bytes),
    });
  }

  #ask(): void {
    if (this.#codec !== undefined) this.#around.write(this.#codec.question());
  }

  #tell(message: object): void {
    if (this.#codec === undefined) return;
    this.#around.write(this.#codec.message(message, Number.POSITIVE_INFINITY));
  }
}

function isHello(input: BoardInput): boolean {
  return input.kind === 'message' && input.message.type === 'hello';
}
