import { setTimeout as delay } from 'node:timers/promises';
import { lengthOf, type Outgoing } from './outgoing.js';

/** So many messages, or characters, are written together at most. */
const GROUP_MESSAGES = 64;
const GROUP_CHARS = 256 * 1024;
/**
 * So many messages a second a hub takes of one device (protocol §1 "Limits": 100). Writes that come faster wait for
 * each other, once a burst of them is used up, and share a message then.
 */
const WRITES_PER_SECOND = 80;
const BURST = 40;
/** What may wait in memory for the disk; beyond it nothing is taken. */
const WAITING_CHARS = 4 * 1024 * 1024;

/** A message on its way to the disk, and who waits for it. */
export interface Pending {
  readonly message: Outgoing;
  done(): void;
  failed(error: unknown): void;
}

/** Where messages wait to be written: one group after another, and no faster than a hub takes them. */
export class Intake {
  /** Settles each of the group, now or later. Does not throw. */
  readonly #write: (group: readonly Pending[]) => Promise<void>;
  #waiting: Pending[] = [];
  #chars = 0;
  /** Under way while something waits. */
  #writing: Promise<void> | undefined;
  #isClosing = false;
  /** Writes that may be made at once, and when that was counted. */
  #writes = BURST;
  #countedAtMs = 0;

  constructor(write: (group: readonly Pending[]) => Promise<void>) {
    this.#write = write;
  }

  /** @throws Error when too much waits; what `write` makes it fail with */
  add(message: Outgoing): Promise<void> {
    return new Promise((resolve, reject) => {
      const chars = lengthOf(message);
      if (this.#chars + chars > WAITING_CHARS) {
        reject(new Error('the disk does not keep up'));
        return;
      }
      this.#waiting.push({ message, done: resolve, failed: reject });
      this.#chars += chars;
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves when all that was added has been written, without waiting for its turn. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#writing;
  }

  /** What comes meanwhile goes with the next group. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#pace();
      await this.#write(this.#takeGroup());
    }
    this.#writing = undefined;
  }

  /** Waits until a write is due. */
  async #pace(): Promise<void> {
    const nowMs = performance.now();
    const earned = ((nowMs - this.#countedAtMs) / 1_000) * WRITES_PER_SECOND;
    this.#writes = Math.min(BURST, this.#writes + earned);
    this.#countedAtMs = nowMs;
    if (this.#writes < 1 && !this.#isClosing) await delay(1_000 / WRITES_PER_SECOND);
    this.#writes--;
  }

  #takeGroup(): Pending[] {
    let chars = 0;
    let count = 0;
    for (const { message } of this.#waiting) {
      const length = lengthOf(message);
      if (count > 0 && (count === GROUP_MESSAGES || chars + length > GROUP_CHARS)) break;
      chars += length;
      count++;
    }
    this.#chars -= chars;
    return this.#waiting.splice(0, count);
  }
}
