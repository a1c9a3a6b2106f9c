import type { Topics } from '@fieldline/protocol';
import { hasEnded, viewCommand } from '../commands/command.js';
import type { Ledger } from '../commands/ledger.js';
import type { Outbox } from './outbox.js';

export interface ResultPublisherOptions {
  readonly outbox: Outbox;
  readonly ledger: Pick<Ledger, 'onChange'>;
  readonly topics: Topics;
}

/**
 * `…/devices/<id>/result/<commandId>`: each command when it has ended, whoever gave it, and again when a late answer
 * or telemetry tells more of how it ended.
 */
export class ResultPublisher {
  readonly #options: ResultPublisherOptions;
  #stop: () => void = () => undefined;

  constructor(options: ResultPublisherOptions) {
    this.#options = options;
  }

  open(): void {
    const { outbox, ledger, topics } = this.#options;
    this.#stop = ledger.onChange((command) => {
      if (!hasEnded(command)) return;
      outbox.send(topics.result(command.device, command.id), JSON.stringify(viewCommand(command)));
    });
  }

  close(): void {
    this.#stop();
  }
}
