import type { Writable } from 'node:stream';
import { publishPacket } from '../client/publish-packet.js';

const MAX_PACKET_ID = 65_535;

/** A message as it is handed to a client. */
interface Message {
  readonly topic: string;
  readonly payload: string | Buffer;
}

/**
 * Messages for one client of which nobody asks whether they were confirmed (it has no session): those of one turn of
 * the event loop go out in one write. aedes writes each in several pieces, which costs three times as much.
 */
export class Outbox {
  readonly #stream: Writable;
  /** What is written at the end of this turn. */
  #batch: Buffer[] | null = null;
  #lastId = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  add({ topic, payload }: Message, qos: 0 | 1): void {
    const id = qos === 0 ? 0 : this.#takeId();
    const packet = publishPacket(topic, payload, { qos, retain: false }, id, 4);
    if (this.#batch !== null) {
      this.#batch.push(packet);
      return;
    }
    const batch = [packet];
    this.#batch = batch;
    setImmediate(() => {
      this.split();
      if (!this.#stream.destroyed) this.#stream.write(batch.length === 1 ? packet : Buffer.concat(batch));
    });
  }

  /** What is added from now on is written behind that which aedes is about to write in this turn. */
  split(): void {
    this.#batch = null;
  }

  #takeId(): number {
    this.#lastId = (this.#lastId % MAX_PACKET_ID) + 1;
    return this.#lastId;
  }
}
