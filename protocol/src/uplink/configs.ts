import { LIMITS } from '../limits.js';
import type { ConfigReport } from '../messages/device.js';
import type { ConfigDesired } from '../messages/hub.js';
import { cutText } from '../text.js';
import type { UplinkOptions } from './options.js';

/**
 * Applies desired configurations one at a time. Of those that arrive while one is applied, only the newest
 * is kept: the hub wants that state, not the way there.
 */
export class Configs {
  readonly #apply: NonNullable<UplinkOptions['onConfig']> | undefined;
  readonly #send: (report: ConfigReport) => void;
  #waiting: ConfigDesired | undefined;
  #busy = false;
  #version: number | undefined;

  constructor(
    apply: UplinkOptions['onConfig'],
    version: number | undefined,
    send: (report: ConfigReport) => void,
  ) {
    this.#apply = apply;
    this.#version = version;
    this.#send = send;
  }

  /** Version of the configuration that the device runs; undefined while it has none of the hub's. */
  get version(): number | undefined {
    return this.#version;
  }

  receive(desired: ConfigDesired): void {
    this.#waiting = desired;
    if (!this.#busy) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      this.#waiting = undefined;
      await this.#run(next);
    }
    this.#busy = false;
  }

  async #run({ version, desired }: ConfigDesired): Promise<void> {
    if (this.#apply === undefined) {
      this.#send({ type: 'config', version, ok: false, code: 'not_supported' });
      return;
    }
    try {
      const reported = await this.#apply(desired, version);
      this.#version = version;
      this.#send({ type: 'config', version, ok: true, ...(reported === undefined ? {} : { reported }) });
    } catch (error) {
      const message = cutText(error instanceof Error ? error.message : String(error), LIMITS.stringBytes);
      this.#send({ type: 'config', version, ok: false, code: 'failed', message });
    }
  }
}
