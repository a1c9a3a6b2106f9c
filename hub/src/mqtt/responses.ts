import { type Command, hasEnded, viewCommand } from '../commands/command.js';
import type { Ledger } from '../commands/ledger.js';
import { FieldlineError } from '../errors.js';
import type { Outbox } from './outbox.js';
import type { ResponseAddress } from './transport.js';

export interface ResponsesOptions {
  readonly outbox: Outbox;
  readonly ledger: Pick<Ledger, 'onChange'>;
}

/** Commands whose end somebody waits for; beyond, the next one who asks is told to come later. */
const MAX_FOLLOWED = 10_000;

/**
 * Answers to those who named a response topic (MQTT 5 §4.10): once each, when their command has ended. A hub that is
 * started anew does not know of them any more; `…/result/<commandId>` tells the same.
 */
export class Responses {
  readonly #options: ResponsesOptions;
  /** By command. */
  readonly #followers = new Map<string, ResponseAddress[]>();
  #stop: () => void = () => undefined;

  constructor(options: ResponsesOptions) {
    this.#options = options;
  }

  open(): void {
    this.#stop = this.#options.ledger.onChange((command) => this.#changed(command));
  }

  close(): void {
    this.#stop();
    this.#followers.clear();
  }

  /** @throws FieldlineError 409 `busy` when too many wait for an answer already */
  requireRoom(): void {
    if (this.#followers.size < MAX_FOLLOWED) return;
    throw new FieldlineError('busy', 'too many commands are waited for already', { status: 409 });
  }

  /** Answers when the command has ended. */
  follow(command: Command, address: ResponseAddress): void {
    if (hasEnded(command)) this.say(address, viewCommand(command));
    else this.#followers.set(command.id, [...(this.#followers.get(command.id) ?? []), address]);
  }

  /** Answers now. */
  say({ topic, correlationData }: ResponseAddress, answer: object): void {
    const options = correlationData === undefined ? {} : { correlationData };
    this.#options.outbox.send(topic, JSON.stringify(answer), options);
  }

  #changed(command: Command): void {
    if (!hasEnded(command)) return;
    for (const address of this.#followers.get(command.id) ?? []) this.say(address, viewCommand(command));
    this.#followers.delete(command.id);
  }
}
