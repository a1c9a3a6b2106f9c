import type { ClientStream } from './client-stream.js';

/** Unsent bytes at which a client is waited for, and those at which it is not any more. */
const HIGH_BYTES = 262_144;
const LOW_BYTES = 65_536;
/** A client that is waited for takes at least so much in each such time, about 0.5 MB/s. */
const PROGRESS_BYTES = 131_072;
const PROGRESS_MS = 250;

/** A client that is being waited for. */
interface Wait {
  takenBytes: number;
  sinceMs: number;
}

/**
 * Lets the hub pause when it publishes faster than its clients read: while a backlog goes out, any client would be
 * slower. Only those are waited for that do read, and fast; the others fall behind until they are cut off. So nobody
 * can hold the rest up for longer than a moment.
 */
export class Relief {
  readonly #now: () => number;
  /** Those that were handed something, and may not have taken it yet: most clients get nothing most of the time. */
  readonly #watched = new Set<ClientStream>();
  /** Those that were waited for in vain, until they have caught up. */
  readonly #laggards = new WeakSet<ClientStream>();
  readonly #waits = new Map<ClientStream, Wait>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A client is handed a message. */
  watch(stream: ClientStream): void {
    this.#watched.add(stream);
  }

  /** Whether publishing should wait. To be asked again after a few milliseconds, until it should not. */
  isNeeded(): boolean {
    let isNeeded = false;
    for (const stream of this.#watched) if (this.#waitsFor(stream)) isNeeded = true;
    return isNeeded;
  }

  #waitsFor(stream: ClientStream): boolean {
    const { unsentBytes, takenBytes } = stream;
    const wait = this.#waits.get(stream);
    if (unsentBytes <= LOW_BYTES || stream.destroyed) {
      this.#laggards.delete(stream);
      this.#waits.delete(stream);
      this.#watched.delete(stream);
      return false;
    }
    if (this.#laggards.has(stream) || (wait === undefined && unsentBytes < HIGH_BYTES)) return false;
    const nowMs = this.#now();
    if (wait === undefined) {
      this.#waits.set(stream, { takenBytes, sinceMs: nowMs });
    } else if (nowMs - wait.sinceMs >= PROGRESS_MS || nowMs < wait.sinceMs) {
      if (takenBytes - wait.takenBytes < PROGRESS_BYTES) {
        this.#laggards.add(stream);
        this.#waits.delete(stream);
        return false;
      }
      this.#waits.set(stream, { takenBytes, sinceMs: nowMs });
    }
    return true;
  }
}
