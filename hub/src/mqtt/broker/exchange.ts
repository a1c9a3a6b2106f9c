import type { AedesPublishPacket } from 'aedes';
import { FilterTree } from './filter-tree.js';

type Deliver = (packet: AedesPublishPacket, done: () => void) => void;

/**
 * Who gets a message: what aedes calls its emitter. It takes the place of mqemitter, which holds every message back
 * while a hundred wait for clients that do not read, and so for one that is frozen. Here nobody is waited for: what a
 * client does not take is bounded at its connection.
 */
export class Exchange {
  readonly #delivers = new FilterTree<Deliver>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Connected clients' subscriptions. */
  get size(): number {
    return this.#delivers.size;
  }

  isWanted(topic: string): boolean {
    return this.#delivers.match(topic).length > 0;
  }

  /** Hands a message to all who subscribed, in the order of the calls. */
  send(packet: AedesPublishPacket): void {
    for (const deliver of this.#delivers.match(packet.topic)) deliver(packet, nothing);
  }

  // What aedes calls, by the names that it calls it.

  on(filter: string, deliver: Deliver, done: () => void = nothing): this {
    this.#delivers.add(filter, deliver);
    this.#changed();
    done();
    return this;
  }

  removeListener(filter: string, deliver: Deliver, done: () => void = nothing): this {
    this.#delivers.remove(filter, deliver);
    this.#changed();
    done();
    return this;
  }

  emit(packet: AedesPublishPacket, done: () => void = nothing): this {
    this.send(packet);
    done();
    return this;
  }

  close(done: () => void = nothing): this {
    done();
    return this;
  }
}

function nothing(): void {}
