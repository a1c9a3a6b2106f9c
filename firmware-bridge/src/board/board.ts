import {
  type Command,
  type CommandAnswer,
  cutText,
  decodeIngestMessage,
  type Hello,
  isBoot,
  LIMITS,
  type LogLevel,
} from '@fieldline/protocol';
import { type BoardFacts, factsOf } from '../hub/board-facts.js';
import type { Outgoing } from '../queue/queue.js';
import { answerOfConfig, answerOfLine, answerOfResult } from './answers.js';
import type { BoardCodec, BoardInput, LostNumber } from './board-codec.js';
import type { BoardNumbers } from './board-numbers.js';
import { BoardReadings } from './board-readings.js';
import { CommandDesk } from './command-desk.js';
import { type BoardCounts, newCounts } from './counts.js';
import { HelloQuestion } from './hello-question.js';
import { Presence } from './presence.js';

/** What a board needs around it. */
export interface BoardSurroundings {
  /** Makes a codec for a port that was just opened. */
  codec(): BoardCodec;
  /** Writes to the port, now or never. */
  write(bytes: Buffer): boolean;
  /** Nothing that was written before waits for the port. */
  isClear(): boolean;
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

/** One board on its port: hears what it says, has its readings kept and acknowledged, and brings it commands. */
export class Board {
  readonly #around: BoardSurroundings;
  readonly #now: () => number;
  readonly #desk: CommandDesk;
  readonly #readings: BoardReadings;
  readonly #question: HelloQuestion;
  readonly #presence: Presence;
  readonly counts: BoardCounts = newCounts();
  #codec: BoardCodec | undefined;
  /** Of what follows an opening, what comes before the first delimiter may be half a line. */
  #isFirst = false;
  /** Of this opening, as all below: whatever is plugged in next may be another board. */
  #hasDesk = false;
  #rxMax: number | undefined;
  /** The boot that was heard last, and the configuration that it runs. */
  #lastBoot: string | undefined;
  #config: number | undefined;

  constructor(around: BoardSurroundings) {
    this.#around = around;
    this.#now = around.now ?? Date.now;
    this.#desk = new CommandDesk(this.counts.commands, this.#now);
    this.#readings = new BoardReadings({
      numbers: around.numbers,
      counts: this.counts,
      keep: (message) => around.keep(message),
      tell: (...messages) => this.#tell(...messages),
      log: (level, text) => around.log(level, text),
      warn: (kind, message) => around.warn(kind, message),
      needChanged: () => this.#look(),
      doubt: () => this.#question.doubt(),
      now: this.#now,
    });
    this.#question = new HelloQuestion({ ask: () => this.#ask(), need: () => this.#readings.need });
    this.#presence = new Presence(around);
  }

  /** Its port was opened. */
  opened(): void {
    this.counts.openings++;
    this.#codec = this.#around.codec();
    this.#isFirst = true;
    this.#hasDesk = false;
    this.#rxMax = undefined;
    this.#readings.opened();
    this.#question.now();
  }

  /** Its port is gone. */
  gone(): void {
    this.#codec = undefined;
    this.#question.stop();
    this.#desk.closed();
    this.#presence.gone();
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
    this.#look();
  }

  /** A frame came that was longer than allowed, and is lost. */
  tooLong(): void {
    this.#isFirst = false;
    this.counts.dropped.too_long++;
    this.#around.warn('too long', 'the board wrote more than maxLineBytes without an end, which is dropped');
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
        if (input.number !== undefined) this.#giveUp('malformed', input.message ?? '', input.number);
        return;
      case 'log':
        this.#logLine(input.broken === undefined ? 'info' : 'warn', input.text);
        if (input.broken === undefined) return;
        this.#around.warn('broken', `the board wrote JSON that is none: ${input.broken}`);
        if (input.number !== undefined) this.#giveUp('malformed', input.broken, input.number);
        return;
      case 'reading':
        this.#readings.reading(input.values, input.uptimeMs);
        break;
      case 'result':
        this.#desk.answered(input.id, answerOfLine(input.answer));
        break;
      case 'message':
        this.#message(input.message);
        break;
    }
    this.#presence.speaks();
  }

  #message(message: Readonly<Record<string, unknown>>): void {
    // A small board takes less than the protocol's least: the bridge keeps to it, and the hub need not know.
    const { rxMax, ...rest } = message;
    const isSmall = typeof rxMax === 'number' && rxMax < LIMITS.minRxMaxBytes;
    const frame = decodeIngestMessage(isSmall ? rest : message);
    switch (frame.kind) {
      case 'telemetry':
        this.#readings.telemetry(frame.message);
        break;
      case 'reading':
        this.#readings.reading(frame.values);
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
        this.#readings.observe(frame.message.uptime);
        this.#tell({ type: 'time', uptime: frame.message.uptime, time: this.#now() });
        break;
      case 'unknown_type':
        this.#around.warn('unknown', `the board sent a message of type ${frame.type}, which nobody knows`);
        if (frame.seq !== undefined) {
          this.#giveUp('unknown_type', `the type ${frame.type} is not known`, numberOf(frame.seq, message));
        }
        break;
      case 'malformed':
        this.counts.dropped.malformed++;
        if (frame.seq === undefined) this.#around.log('warn', `malformed: ${frame.message}`);
        else this.#giveUp('malformed', frame.message, numberOf(frame.seq, message));
        break;
    }
  }

  #giveUp(code: 'malformed' | 'unknown_type', message: string, number: LostNumber): void {
    this.#around.log('warn', `${code}: message ${number.seq}: ${message}`);
    this.#readings.giveUp(code, message, number);
  }

  #logLine(level: LogLevel, text: string): void {
    this.counts.logLines++;
    this.#around.log(level, cutText(text, LIMITS.stringBytes));
  }

  #greeted(hello: Hello, oldest: unknown): void {
    const { boot } = hello;
    const isReused = this.#readings.greeted(hello, oldest);
    if (isReused || boot === undefined || boot !== this.#lastBoot) this.#config = undefined;
    if (isReused) {
      this.#around.log(
        'warn',
        `boot_reused: the board has started anew as ${boot} again; it should choose another`,
      );
    } else if (boot !== undefined && this.#lastBoot !== undefined && boot !== this.#lastBoot) {
      this.#around.log('info', `the board has started anew, boot ${boot}`);
    }
    this.#lastBoot = boot;
    this.#config = hello.config ?? this.#config;
    this.#question.answered();
    this.#presence.introduced(
      factsOf(hello, { rxMax: this.#rxMax, config: this.#config, receivedMs: this.#now() }),
    );
    if (!this.#hasDesk) this.#openDesk();
    this.#hasDesk = true;
  }

  #openDesk(): void {
    const codec = this.#codec;
    if (codec === undefined) return;
    this.#desk.opened({
      codec,
      maxBytes: () => this.#maxBytes,
      isClear: () => this.#around.isClear(),
      write: (bytes) => this.#around.write(bytes),
    });
  }

  /** Longest line or frame that the board takes. */
  get #maxBytes(): number {
    return this.#rxMax ?? this.#around.maxLineBytes;
  }

  #look(): void {
    if (this.#codec !== undefined) this.#question.look();
  }

  #ask(): void {
    if (this.#codec !== undefined) this.#around.write(this.#codec.question());
  }

  /** Writes the first of these that the board has room for. */
  #tell(...messages: object[]): void {
    const codec = this.#codec;
    if (codec === undefined) return;
    const bytes = messages
      .map((message) => codec.message(message))
      .find(({ length }) => length <= this.#maxBytes);
    if (bytes === undefined) this.counts.untold++;
    else this.#around.write(bytes);
  }
}

/** @param seq that was found in the message */
function numberOf(seq: number, { boot }: Readonly<Record<string, unknown>>): LostNumber {
  return { seq, boot: isBoot(boot) ? boot : undefined };
}

function isHello(input: BoardInput): boolean {
  return input.kind === 'message' && input.message.type === 'hello';
}
