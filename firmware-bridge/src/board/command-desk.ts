import { type Command, type CommandAnswer, ConfigUnanswered, UNKNOWN_ID } from '@fieldline/protocol';
import { LineError } from '../lines/write-line.js';
import type { BoardCodec } from './board-codec.js';
import type { CommandCounts } from './counts.js';

/** How long the line waits for an answer before the next command is written. */
const ANSWER_MS = 10_000;
/** How long a command waits for what was written before it; and how often that is looked at. */
const BLOCKED_MS = 1_000;
const LOOK_MS = 10;
/** How late an answer may be: the hub gives a command that was begun an hour. */
const LATE_MS = 3_600_000;
/** Commands whose answer may still come. */
const UNANSWERED = 32;
/** Commands that wait for the line. */
const QUEUED = 16;
/** Refusals that say nothing of what the board would say. */
const NOT_NOW: ReadonlySet<string> = new Set(['board_offline', 'busy']);

/** What a port is to the desk while it is open. */
export interface DeskLine {
  readonly codec: BoardCodec;
  /** Longest line or frame that the board takes. */
  maxBytes(): number;
  /** Nothing waits to be written: a command goes now, or not at all, but never from a buffer after its time. */
  isClear(): boolean;
  write(bytes: Buffer): boolean;
}

/** A request to the board that waits for the line. */
interface Request {
  /** The command's id, or `config <version>`. */
  readonly key: string;
  readonly expiresAt: number;
  bytes(line: DeskLine): Buffer;
  /** Nothing was written, for this reason. */
  refuse(code: string, message: string): void;
  /** Written, and no answer came before it was the next one's turn, or before the port was gone. */
  unanswered?(): void;
}

/** Who waits for an answer. */
interface Unanswered {
  /** To be asked for again, where the board knows such questions. */
  readonly command: Command | undefined;
  readonly since: number;
  answer(answer: CommandAnswer | 'accepted'): void;
}

/**
 * Brings commands and configurations to a board: one after another, since a small UART's buffer holds one (protocol §5).
 * The next is written after the answer to the one before, or after ten seconds. What was written and not answered stays
 * without an answer, since nobody knows whether it was done; an answer that comes late is still passed on.
 */
export class CommandDesk {
  readonly #counts: CommandCounts;
  readonly #now: () => number;
  #line: DeskLine | undefined;
  #queue: Request[] = [];
  #unanswered = new Map<string, Unanswered>();
  #current: Request | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Since when the next request has waited for a clear line. */
  #blockedSince: number | undefined;

  constructor(counts: CommandCounts, now: () => number = Date.now) {
    this.#counts = counts;
    this.#now = now;
  }

  /** The port is open, and the board has said hello: commands may go. */
  opened(line: DeskLine): void {
    this.#line = line;
    this.#release();
    // What the board may have answered into a cable that was pulled is asked for again, where it can be.
    if (!line.codec.knowsAgain) return;
    for (const { command } of this.#unanswered.values()) if (command !== undefined) this.#askAgain(command);
  }

  /** The port is gone. What was not written never will be. */
  closed(): void {
    this.#line = undefined;
    this.#current?.unanswered?.();
    this.#release();
    for (const request of this.#queue.splice(0))
      this.#refuse(request, 'board_offline', 'the board is not connected');
  }

  /**
   * Resolves with the answer; never for a command that was written and not answered, since its outcome is not known.
   * Not for one that the hub repeats and nobody here remembers, either, unless the board is one that can be asked.
   */
  command(command: Command, accept: () => void): Promise<CommandAnswer> {
    return new Promise((resolve) => {
      this.#await(command.id, command, (answer) => (answer === 'accepted' ? accept() : resolve(answer)));
      if (command.again === true) this.#askAgain(command);
      else {
        this.#add({
          key: command.id,
          expiresAt: command.ttl === undefined ? Number.POSITIVE_INFINITY : this.#now() + command.ttl,
          bytes: ({ codec, maxBytes }) => codec.command(command, maxBytes()),
          refuse: (code, message) => this.#answer(command.id, { status: 'rejected', code, message }),
        });
      }
    });
  }

  /**
   * @throws ConfigUnanswered when the board is not there, takes nothing, or does not answer in ten seconds: nobody knows
   *   what it runs, and a later try may do; Error when it refuses it, or has no room for it
   */
  config(
    desired: Readonly<Record<string, unknown>>,
    version: number,
  ): Promise<Record<string, unknown> | undefined> {
    const key = `config ${version}`;
    return new Promise((resolve, reject) => {
      this.#await(key, undefined, (answer) => {
        if (answer === 'accepted') return;
        if (answer.status === 'ok') resolve(answer.result as Record<string, unknown> | undefined);
        else reject(new Error(answer.message ?? answer.code));
      });
      this.#add({
        key,
        expiresAt: Number.POSITIVE_INFINITY,
        bytes: ({ codec, maxBytes }) => codec.message({ type: 'config', version, desired }, maxBytes()),
        refuse: (code, message) => {
          this.#unanswered.delete(key);
          reject(NOT_NOW.has(code) ? new ConfigUnanswered(message) : new Error(message));
        },
        unanswered: () => reject(new ConfigUnanswered('the board did not answer')),
      });
    });
  }

  /**
   * The board has answered a command, or reported a configuration (`config <version>`). That it does not remember a command
   * is no answer: it may have done it, and have started anew since, which the hub cannot see behind the bridge's boot.
   */
  answered(key: string, answer: CommandAnswer | 'accepted'): void {
    if (answer !== 'accepted' && answer.status === 'error' && answer.code === UNKNOWN_ID) {
      this.#unanswered.delete(key);
      if (key === this.#current?.key) this.#release();
      return;
    }
    if (this.#unanswered.has(key) && answer !== 'accepted') this.#counts.answered++;
    this.#answer(key, answer);
    if (key === this.#current?.key) this.#release();
  }

  #answer(key: string, answer: CommandAnswer | 'accepted'): void {
    const unanswered = this.#unanswered.get(key);
    if (answer !== 'accepted') this.#unanswered.delete(key);
    unanswered?.answer(answer);
  }

  /** Asks what became of a command that may have been executed: so no refusal here may answer it. */
  #askAgain(command: Command): void {
    if (this.#line?.codec.knowsAgain !== true) return;
    this.#add({
      key: command.id,
      expiresAt: Number.POSITIVE_INFINITY,
      bytes: ({ codec, maxBytes }) => codec.command({ ...command, again: true }, maxBytes()),
      refuse: () => undefined,
    });
  }

  #await(key: string, command: Command | undefined, answer: Unanswered['answer']): void {
    this.#unanswered.delete(key);
    this.#unanswered.set(key, { command, since: this.#now(), answer });
    for (const [oldest, { since }] of this.#unanswered) {
      if (this.#unanswered.size <= UNANSWERED && this.#now() - since < LATE_MS) break;
      this.#unanswered.delete(oldest);
    }
  }

  #add(request: Request): void {
    if (this.#line === undefined) this.#refuse(request, 'board_offline', 'the board is not connected');
    else if (this.#queue.length >= QUEUED)
      this.#refuse(request, 'busy', `${QUEUED} commands wait for the line already`);
    else {
      this.#queue.push(request);
      this.#next();
    }
  }

  #next(): void {
    const line = this.#line;
    while (line !== undefined && this.#current === undefined) {
      const [request] = this.#queue;
      if (request === undefined || this.#mustWait(line)) break;
      this.#queue.shift();
      if (this.#write(request, line)) this.#current = request;
    }
    if (this.#queue.length === 0 || this.#current !== undefined) this.#blockedSince = undefined;
  }

  /** An acknowledgement may be on its way, which takes a moment. A board that hangs takes longer, and is not waited for. */
  #mustWait(line: DeskLine): boolean {
    if (line.isClear()) return false;
    this.#blockedSince ??= this.#now();
    if (this.#now() - this.#blockedSince >= BLOCKED_MS) return false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#next(), LOOK_MS);
    return true;
  }

  #write(request: Request, line: DeskLine): boolean {
    try {
      if (this.#now() >= request.expiresAt)
        this.#refuse(request, 'expired', 'it waited for the line too long');
      else if (line.isClear() && line.write(request.bytes(line))) {
        this.#counts.written++;
        this.#timer = setTimeout(() => this.#overdue(request), ANSWER_MS);
        return true;
      } else this.#refuse(request, 'board_offline', 'the board takes nothing');
    } catch (error) {
      this.#refuse(request, error instanceof LineError ? error.code : 'failed', (error as Error).message);
    }
    return false;
  }

  #refuse(request: Request, code: string, message: string): void {
    this.#counts.refused++;
    request.refuse(code, message);
  }

  #overdue(request: Request): void {
    this.#counts.unanswered++;
    request.unanswered?.();
    this.#release();
  }

  /** The line is free. */
  #release(): void {
    clearTimeout(this.#timer);
    this.#current = undefined;
    this.#blockedSince = undefined;
    this.#next();
  }
}
