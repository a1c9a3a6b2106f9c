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
import { type BoardFacts, UNKNOWN_BOARD } from '../hub/board-facts.js';
import type { Outgoing } from '../queue/queue.js';
import type { BoardCodec, BoardInput } from './board-codec.js';
import type { BoardNumbers } from './board-numbers.js';
import { CommandDesk } from './command-desk.js';
import { type BoardCounts, newCounts } from './counts.js';
import { isUptime, telemetryBody, toTime } from './telemetry-body.js';

/** How long after its first words a board is given to say hello. */
const HELLO_MS = 1_500;
/** A board that has lost something on the line is asked no more often. */
const ASK_AGAIN_MS = 1_000;

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
  /** Something that somebody should know of. */
  warn(message: string): void;
  /** Longest line that may be written while the board has not said what it takes. */
  readonly maxLineBytes: number;
  readonly now?: () => number;
}

/** One board on its port: hears what it says, keeps it, acknowledges it, and brings it commands. */
export class Board {
  readonly #around: BoardSurroundings;
  readonly #now: () => number;
  readonly #desk: CommandDesk;
  readonly counts: BoardCounts = newCounts();
  #codec: BoardCodec | undefined;
  /** Of what follows an opening, what comes before the first delimiter may be half a line. */
  #isFirst = false;
  #hello: Hello | undefined;
  #rxMax: number | undefined;
  #boot: string | undefined;
  #clock = new UptimeClock();
  #isPresent = false;
  #helloTimer: NodeJS.Timeout | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  readonly #owed = new Set<string>();

  constructor(around: BoardSurroundings) {
    this.#around = around;
    this.#now = around.now ?? Date.now;
    this.#desk = new CommandDesk(this.#now);
  }

  /** Its port was opened. */
  opened(): void {
    this.counts.openings++;
    this.#codec = this.#around.codec();
    this.#isFirst = true;
    this.#hello = undefined;
    this.#around.write(this.#codec.question());
  }

  /** Its port is gone. */
  gone(): void {
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
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
    if (isFirst && !isHello(input)) return;
    this.#take(input);
  }

  tooLong(): void {
    this.counts.dropped.too_long++;
  }

  command(command: Command, accept: () => void): Promise<CommandAnswer> {
    return this.#desk.command(command, accept);
  }

  config(desired: Readonly<Record<string, unknown>>, version: number) {
    return this.#desk.config(desired, version);
  }

  #take(input: BoardInput): void {
    switch (input.kind) {
      case 'nothing':
        return;
      case 'fault':
        this.counts.dropped[input.reason]++;
        return;
      case 'log':
        this.counts.logLines++;
        if (input.broken !== undefined)
          this.#around.warn(`the board wrote JSON that is none: ${input.broken}`);
        this.#around.log(
          input.broken === undefined ? 'info' : 'warn',
          cutText(input.text, LIMITS.stringBytes),
        );
        return;
      case 'reading':
        this.#reading(JSON.stringify(input.values), input.uptimeMs);
        break;
      case 'result':
        this.#desk.answered(input.id, answerOf(input.answer));
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
      case 'result': {
        const { id, status, result, code, message: text } = frame.message;
        const because = { code: code ?? 'failed', ...(text === undefined ? {} : { message: text }) };
        const answer =
          status === 'ok' ? { status, result } : status === 'accepted' ? status : { status, ...because };
        this.#desk.answered(id, answer);
        break;
      }
      case 'config': {
        const { version, ok, reported, code, message: text } = frame.message;
        const because = { code: code ?? 'failed', ...(text === undefined ? {} : { message: text }) };
        this.#desk.answered(
          `config ${version}`,
          ok ? { status: 'ok', result: reported } : { status: 'error', ...because },
        );
        break;
      }
      case 'log':
        this.counts.logLines++;
        this.#around.log(frame.message.level, frame.message.message);
        break;
      case 'time':
        this.#tell({ type: 'time', uptime: frame.message.uptime, time: this.#now() });
        break;
      case 'unknown_type':
        this.#around.warn(`the board sent a message of type ${frame.type}, which nobody knows`);
        break;
      case 'malformed':
        this.counts.dropped.malformed++;
        this.#around.log('warn', `malformed: ${frame.message}`);
        break;
    }
  }

  #reading(values: string, uptimeMs: number | undefined): void {
    const received = this.#now();
    const time = uptimeMs === undefined ? received : toTime(uptimeMs, received, this.#clock);
    this.counts.readings++;
    this.#keep({ row: { time, values } }).catch(() => undefined);
  }

  #telemetry(message: DecodedTelemetry): void {
    const { seq } = message;
    const boot = message.boot ?? this.#boot;
    const body = () => telemetryBody(message, this.#now(), this.#clock);
    if (seq === undefined || boot === undefined) {
      this.counts.readings++;
      this.#keep({ body: body() }).catch(() => undefined);
      return;
    }
    const { numbers } = this.#around;
    if (numbers.take(boot, seq) === 'duplicate') {
      this.counts.duplicates++;
      this.#acknowledge(boot);
    } else {
      this.counts.readings++;
      this.#keep({ body: body(), number: { boot, seq } }).then(
        () => {
          numbers.synced(boot, seq);
          this.#acknowledge(boot);
        },
        () => numbers.giveBack(boot, seq),
      );
    }
    if (numbers.hasGap(boot)) this.#askAgain();
  }

  async #keep(message: Outgoing): Promise<void> {
    try {
      await this.#around.keep(message);
    } catch (error) {
      this.counts.refused++;
      this.#around.warn(`a reading is not taken: ${(error as Error).message}`);
      throw error;
    }
  }

  /** Acknowledgements of one turn go as one. */
  #acknowledge(boot: string): void {
    if (this.#owed.size === 0) {
      setImmediate(() => {
        for (const owed of this.#owed) {
          const seq = this.#around.numbers.acknowledged(owed);
          if (seq > 0) this.#tell({ type: 'ack', boot: owed, seq });
        }
        this.#owed.clear();
      });
    }
    this.#owed.add(boot);
  }

  /** Something was lost on the line: with its hello the board says what it still has, and sends it. */
  #askAgain(): void {
    if (this.#codec === undefined || this.#now() - this.#askedAt < ASK_AGAIN_MS) return;
    this.#askedAt = this.#now();
    this.#around.write(this.#codec.question());
  }

  #greeted(hello: Hello, oldest: unknown): void {
    const received = this.#now();
    if (hello.boot !== undefined && hello.boot !== this.#boot) {
      const isRestart = this.#boot !== undefined;
      this.#boot = hello.boot;
      this.#clock = new UptimeClock();
      if (isRestart) this.#around.log('info', `the board has started anew, boot ${hello.boot}`);
    }
    if (isUptime(hello.uptime)) this.#clock.observe(hello.uptime, received);
    if (hello.boot !== undefined && Number.isSafeInteger(oldest) && (oldest as number) >= 1) {
      this.#around.numbers.oldest(hello.boot, oldest as number);
      if (this.#around.numbers.acknowledged(hello.boot) > 0) this.#acknowledge(hello.boot);
    }
    const isFirst = this.#hello === undefined;
    this.#hello = hello;
    this.#introduce(factsOf(hello, this.#rxMax, received));
    if (isFirst) this.#openDesk();
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
      maxBytes: () => this.#maxBytes(),
      write: (bytes) => this.#around.write(bytes),
    });
  }

  #maxBytes(): number {
    return this.#rxMax ?? this.#around.maxLineBytes;
  }

  #tell(message: object): void {
    if (this.#codec === undefined) return;
    this.#around.write(this.#codec.message(message, Number.POSITIVE_INFINITY));
  }
}

function isHello(input: BoardInput): boolean {
  return input.kind === 'message' && input.message.type === 'hello';
}

function answerOf(answer: Extract<BoardInput, { kind: 'result' }>['answer']): CommandAnswer | 'accepted' {
  return answer.status === 'accepted' ? 'accepted' : answer;
}

function factsOf(hello: Hello, rxMax: number | undefined, receivedMs: number): BoardFacts {
  return {
    caps: hello.caps ?? [],
    ...(hello.firmware === undefined ? {} : { firmware: hello.firmware }),
    ...(hello.profile === undefined ? {} : { profile: hello.profile }),
    ...(rxMax === undefined ? {} : { rxMax }),
    ...(hello.config === undefined ? {} : { config: hello.config }),
    ...(isUptime(hello.uptime) ? { startedAt: receivedMs - hello.uptime } : {}),
    ...(hello.sleep === undefined ? {} : { sleepMs: hello.sleep }),
  };
}
