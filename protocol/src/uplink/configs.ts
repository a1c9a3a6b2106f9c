import { LIMITS } from '../limits.js';
import type { ConfigReport } from '../messages/device.js';
import type { ConfigDesired } from '../messages/hub.js';
import { cutText } from '../text.js';
import type { UplinkClock, UplinkSettings } from './options.js';

/** How long after an attempt of which nobody knows how it ended the next one is made. */
const AGAIN_MS = 30_000;

/** Thrown by `onConfig` where nobody knows whether the configuration was applied: nothing is reported then. */
export class ConfigUnanswered extends Error {
  override readonly name = 'ConfigUnanswered';
}

/**
 * Applies desired configurations one at a time. Of those that arrive while one is applied, only the newest
 * is kept: the hub wants that state, not the way there. One that was not answered is applied again a while later,
 * which does no harm, and until then the hub does not know it as applied, nor as refused.
 */
export class Configs {
  readonly #apply: UplinkSettings['onConfig'];
  readonly #clock: UplinkClock;
  readonly #send: (report: ConfigReport) => void;
  #waiting: ConfigDesired | undefined;
  #busy = false;
  #isClosed = false;
  #version: number | undefined;
  #cancelAgain: () => void = () => {};

  constructor(
    { onConfig, configVersion, clock }: Pick<UplinkSettings, 'onConfig' | 'configVersion' | 'clock'>,
    send: (report: ConfigReport) => void,
  ) {
    this.#apply = onConfig;
    this.#version = configVersion;
    this.#clock = clock;
    this.#send = send;
  }

  /** Version of the configuration that the device runs; undefined while it has none of the hub's. */
  get version(): number | undefined {
    return this.#version;
  }

  receive(desired: ConfigDesired): void {
    this.#cancelAgain();
    this.#waiting = desired;
    if (!this.#busy) void this.#drain();
  }

  /** Nothing is applied again by itself any more. */
  close(): void {
    this.#cancelAgain();
    this.#isClosed = true;
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      this.#waiting = undefined;
      await this.#run(next);
    }
    this.#busy = false;
  }

  async #run(wanted: ConfigDesired): Promise<void> {
    const { version, desired } = wanted;
    if (this.#apply === undefined) {
      this.#send({ type: 'config', version, ok: false, code: 'not_supported' });
      return;
    }
    try {
      const reported = await this.#apply(desired, version);
      this.#version = version;
      this.#send({ type: 'config', version, ok: true, ...(reported === undefined ? {} : { reported }) });
    } catch (error) {
      if (error instanceof ConfigUnanswered) {
        this.#tryAgain(wanted);
        return;
      }
      const message = cutText(error instanceof Error ? error.message : String(error), LIMITS.stringBytes);
      this.#send({ type: 'config', version, ok: false, code: 'failed', message });
    }
  }

  /** Unless there is something newer to be applied. */
  #tryAgain(wanted: ConfigDesired): void {
    if (this.#isClosed || this.#waiting !== undefined) return;
    this.#cancelAgain = this.#clock.after(AGAIN_MS, () => this.receive(wanted));
  }
}
