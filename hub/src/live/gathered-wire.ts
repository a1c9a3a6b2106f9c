import type { Writable } from 'node:stream';
import type { Frame } from './frames.js';
import type { Wire } from './outbox.js';

/** Gathered bytes are written when they are so many: far fewer than make a viewer a slow one. */
const ENOUGH_BYTES = 64 * 1024;

/**
 * Writes what is sent within one turn of the event loop together. A device that goes is a frame for each viewer, and
 * where a network gives way ten thousand go in the same turn: of a system call each, the hub would hear nobody meanwhile.
 */
export class GatheredWire implements Wire {
  readonly #socket: Wire;
  readonly #stream: Pick<Writable, 'cork' | 'uncork' | 'writableLength'>;
  #isGathering = false;

  /** @param stream what the socket writes to */
  constructor(socket: Wire, stream: Pick<Writable, 'cork' | 'uncork' | 'writableLength'>) {
    this.#socket = socket;
    this.#stream = stream;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Frame, options: { binary: boolean }, written: (error?: Error | null) => void): void {
    if (!this.#isGathering) {
      this.#isGathering = true;
      this.#stream.cork();
      setImmediate(() => {
        this.#isGathering = false;
        this.#stream.uncork();
      });
    }
    this.#socket.send(frame, options, written);
    if (this.#stream.writableLength < ENOUGH_BYTES) return;
    this.#stream.uncork();
    this.#stream.cork();
  }
}
