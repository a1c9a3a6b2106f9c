import { UNKNOWN_ID } from '../codes.js';
import { LIMITS } from '../limits.js';
import type { Result } from '../messages/device.js';
import type { Command } from '../messages/hub.js';
import { cutText, utf8Length } from '../text.js';
import { CommandMemory } from './command-memory.js';
import type { CommandAnswer, UplinkOptions } from './options.js';

/**
 * Executes each command once and answers it, from memory where the hub repeats it. An answer that finds no
 * connection is kept: the hub asks again after the reconnect.
 */
export class Commands {
  readonly #memory = new CommandMemory();
  readonly #execute: UplinkOptions['onCommand'];
  readonly #passAgain: boolean;
  readonly #send: (result: Result) => void;

  constructor(options: Pick<UplinkOptions, 'onCommand' | 'passAgain'>, send: (result: Result) => void) {
    this.#execute = options.onCommand;
    this.#passAgain = options.passAgain === true && options.onCommand !== undefined;
    this.#send = send;
  }

  receive(command: Command): void {
    const { id } = command;
    if (this.#memory.has(id)) {
      const answer = this.#memory.answer(id); // null: it is still running, and its end will be sent
      if (answer !== null) this.#send(answer);
    } else if (command.again === true && !this.#passAgain) {
      this.#send({ type: 'result', id, status: 'error', code: UNKNOWN_ID });
    } else {
      this.#memory.begin(id);
      void this.#run(command);
    }
  }

  async #run(command: Command): Promise<void> {
    const { id } = command;
    let ended = false;
    const accept = () => {
      if (!ended) this.#answer({ type: 'result', id, status: 'accepted' });
    };
    try {
      const answer = (await this.#execute?.(command, accept)) ?? NOT_SUPPORTED;
      ended = true;
      this.#answer(resultOf(id, answer));
    } catch (error) {
      ended = true;
      const message = error instanceof Error ? error.message : String(error);
      this.#answer(resultOf(id, { status: 'error', code: 'failed', message }));
    }
  }

  #answer(result: Result): void {
    this.#memory.keep(result);
    this.#send(result);
  }
}

const NOT_SUPPORTED: CommandAnswer = { status: 'rejected', code: 'not_supported' };

/** The message for an answer. A result that the hub would refuse is left out: the command did succeed. */
function resultOf(id: string, answer: CommandAnswer): Result {
  const { status } = answer;
  if (answer.status !== 'ok') {
    const message =
      answer.message === undefined ? {} : { message: cutText(answer.message, LIMITS.stringBytes) };
    return { type: 'result', id, status, code: answer.code, ...message };
  }
  if (answer.result === undefined) return { type: 'result', id, status };
  if (utf8Length(JSON.stringify(answer.result) ?? '') > LIMITS.resultBytes) {
    return { type: 'result', id, status, message: `result left out: over ${LIMITS.resultBytes} bytes` };
  }
  return { type: 'result', id, status, result: answer.result };
}
