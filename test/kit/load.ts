import type { NumberedDevice } from './numbered-device.js';

/** How often every device is fed, ms. */
const EVERY_MS = 5;

/** Keeps devices sending until it is stopped. */
export class Load {
  readonly #devices: readonly NumberedDevice[];
  readonly #messagesAtOnce: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param perSecond messages a second of all devices together, as long as their windows allow it */
  constructor(devices: readonly NumberedDevice[], perSecond: number) {
    this.#devices = devices;
    this.#messagesAtOnce = Math.max(1, Math.round((perSecond * EVERY_MS) / 1_000 / devices.length));
  }

  get acked(): number {
    return this.#devices.reduce((sum, { acked }) => sum + acked, 0);
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const device of this.#devices) device.feed(this.#messagesAtOnce);
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves when so many more messages have been acked; the load must be running. */
  async until(moreAcked: number): Promise<void> {
    const goal = this.acked + moreAcked;
    const startedAt = Date.now();
    while (this.acked < goal) {
      if (Date.now() - startedAt > 60_000) throw new Error(`only ${this.acked} of ${goal} acked in a minute`);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}
