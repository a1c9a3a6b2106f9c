import type { Pump } from './pump.js';
import type { SinkStatus } from './sink.js';

/** The pumps of all sinks of a hub. */
export class Pumps {
  readonly #pumps: Pump[] = [];

  /** Opens a pump, and keeps it. */
  async open(pump: Pump): Promise<void> {
    this.#pumps.push(pump);
    await pump.open();
  }

  /** Names of the sinks, which are those of their cursors. */
  get names(): string[] {
    return this.#pumps.map(({ name }) => name);
  }

  /** How each sink does, by name. */
  statuses(): Record<string, SinkStatus> {
    return Object.fromEntries(this.#pumps.map((pump) => [pump.name, pump.status()]));
  }

  /** Each writes what it has, for so long at most. */
  async close(graceMs: number): Promise<void> {
    await Promise.all(this.#pumps.map((pump) => pump.close(graceMs)));
  }
}
