import { type Command, type CommandAnswer, UNKNOWN_ID } from '@fieldline/protocol';
import { LineError } from '../lines/write-line.js';
import type { BoardCodec } from './board-codec.js';

/** How long the line waits for an answer before the next command is written. */
const ANSWER_MS = 10_000;
/** How late an answer may be: the hub gives a command that was begun an hour. */
const LATE_MS = 3_600_000;
/** Commands whose answer may still come. */
const UNANSWERED = 32;
/** Commands that wait for the line. */
const QUEUED = 16;

/** What a port is to the desk while it is open. */
export interface DeskLine {
  readonly codec: BoardCodec;
  /** Longest line or frame that the board takes. */
  maxBytes(): number;
  write(bytes: Buffer): boolean;
}

/** A request to the board, and who waits for its answer. */
interface Request {
  /** The command's id, or `config <version>`. */
  readonly key: string;
  readonly expiresAt: number;
  bytes(line: DeskLine): Buffer;
  /** Nothing was written, for this reason. */
  refuse(code: string, message: string): void;
}

interface Unanswered {
  readonly command: Command | undefined;
  readonly writtenAt: number;
  answer(answer: CommandAnswer | 'accepted'): void;
}

/**
 * Brings commands and configurations to a board: one after another, since a small UART's buffer holds one (protocol §5).
 * The next is written after the answer to the one before, or after ten seconds. What was written and not answered stays
 * without an answer, since nobody knows whether it was done; an answer that comes late is still passed on.
 */
export class CommandDesk {
  readonly #now: () => number;
  #line: DeskLine | undefined;
  #queue: Request[] = [];
  #unanswered = new Map<string, Unanswered>();
  #current: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The port is open, and the board has said hello: commands may go. */
  opened(line: DeskLine): void {
    this.#line = line;
    this.#release();
    // What the board may have answered into a cable that was pulled is asked for again, where it can be.
    if (!line.codec.knowsAgain) return;
    for (const { command, answer } of this.#unanswered.values()) {
      if (command !== undefined) this.#ask({ ...command, again: true }, answer);
    }
  }

  /** The port is gone. What was not written never will be. */
  closed(): void {
    this.#line = undefined;
    this.#release();
    for (const request of this.#queue.splice(0))
      request.refuse('board_offline', 'the board is not connected');
  }

  /** Never settles for a command that was written and not answered: its outcome is not known. */
  command(command: Command, accept: () => void): Promise<CommandAnswer> {
    return new Promise((resolve) => {
      if (command.again === true && this.#line?.codec.knowsAgain !== true) {
        resolve({ status: 'error', code: UNKNOWN_ID });
        return;
      }
      this.#ask(command, (answer) => (answer === 'accepted' ? accept() : resolve(answer)));
    });
  }

  /** @throws Error when the board refuses it, does not answer in ten seconds, or is not there */
  config(
    desired: Readonly<Record<string, unknown>>,
    version: number,
  ): Promise<Record<string, unknown> | undefined> {
    const key = `config ${version}`;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the board did not answer')), ANSWER_MS);
      const answer = (given: CommandAnswer | 'accepted') => {
        clearTimeout(late);
        if (given !== 'accepted' && given.status === 'ok')
          resolve(given.result as Record<string, unknown> | undefined);
        else if (given !== 'accepted') reject(new Error(given.message ?? given.code));
      };
      this.#add({
        key,
        expiresAt: Number.POSITIVE_INFINITY,
        bytes: ({ codec, maxBytes }) => codec.message({ type: 'config', version, desired }, maxBytes()),
        refuse: (code, message) => {
          this.#unanswered.delete(key);
          answer({ status: 'rejected', code, message });
        },
      });
      this.#await(key, { command: undefined, writtenAt: this.#now(), answer });
    });
  }

  /** The board has answered a command, or reported a configuration (`config <version>`). */
  answered(key: string, answer: CommandAnswer | 'accepted'): void {
    const unanswered = this.#unanswered.get(key);
    if (answer !== 'accepted') this.#unanswered.delete(key);
    unanswered?.answer(answer);
    if (key === this.#current) this.#release();
  }

  #ask(command: Command, answer: Unanswered['answer']): void {
    this.#add({
      key: command.id,
      expiresAt: command.ttl === undefined ? Number.POSITIVE_INFINITY : this.#now() + command.ttl,
      bytes: ({ codec, maxBytes }) => codec.command(command, maxBytes()),
      refuse: (code, message) => {
        this.#unanswered.delete(command.id);
        answer({ status: 'rejected', code, message });
      },
    });
    this.#await(command.id, { command, writtenAt: this.#now(), answer });
  }

  #await(key: string, unanswered: Unanswered): void {
    this.#unanswered.delete(key);
    this.#unanswered.set(key, unanswered);
    for (const [oldest, { writtenAt }] of this.#unanswered) {
      if (this.#unanswered.size <= UNANSWERED && this.#now() - writtenAt < LATE_MS) break;
      this.#unanswered.delete(oldest);
    }
  }

  #add(request: Request): void {
    if (this.#line === undefined) request.refuse('board_offline', 'the board is not connected');
    else if (this.#queue.length >= QUEUED)
      request.refuse('busy', `${QUEUED} commands wait for the line already`);
    else this.#queue.push(request);
    // Whoever asked is to be waiting before anything is written.
    queueMicrotask(() => this.#next());
  }

  #next(): void {
    const line = this.#line;
    if (line === undefined || this.#current !== undefined) return;
    const request = this.#queue.shift();
    if (request === undefined) return;
    if (this.#write(request, line)) {
      this.#current = request.key;
      this.#timer = setTimeout(() => this.#release(), ANSWER_MS);
    } else {
      this.#next();
    }
  }

  #write(request: Request, line: DeskLine): boolean {
    try {
      if (this.#now() >= request.expiresAt) request.refuse('expired', 'it waited for the line too long');
      else if (line.write(request.bytes(line))) return true;
      else request.refuse('board_offline', 'the board takes nothing');
    } catch (error) {
      const code = error instanceof LineError ? error.code : 'failed';
      request.refuse(code, (error as Error).message);
    }
    return false;
  }

  /** The line is free. */
  #release(): void {
    clearTimeout(this.#timer);
    this.#current = undefined;
    this.#next();
  }
}
