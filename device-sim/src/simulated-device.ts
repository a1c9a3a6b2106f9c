import { Uplink, UplinkError } from '@fieldline/protocol';
import { type MessageShape, type TimedValues, telemetryBody } from './message-shape.js';
import { Pacer } from './pacer.js';
import type { Measure } from './readings.js';
import type { Tally } from './tally.js';

export interface SimulatedDeviceOptions {
  readonly url: string;
  readonly id: string;
  readonly token: string;
  readonly measure: Measure;
  readonly shape: MessageShape;
  /** Readings in one message. */
  readonly batch: number;
  /** Time between two readings. */
  readonly periodMs: number;
  /** Where in the period its readings fall, 0 to 1. */
  readonly phase: number;
  readonly tally: Tally;
}

/** What the simulator tells the hub in `hello`. */
const FIRMWARE = 'fieldline-sim';

/** One device: it measures in its rhythm, gathers readings into messages, and leaves delivery to its uplink. */
export class SimulatedDevice {
  readonly #options: SimulatedDeviceOptions;
  readonly #uplink: Uplink;
  readonly #pacer: Pacer;
  #readings: TimedValues[] = [];

  constructor(options: SimulatedDeviceOptions) {
    const { url, id, token, tally, periodMs, phase } = options;
    this.#options = options;
    const startedMs = performance.now();
    this.#uplink = new Uplink({
      url,
      device: id,
      token,
      firmware: FIRMWARE,
      uptime: () => Math.round(performance.now() - startedMs),
      onAcked: (_seq, latencyMs) => tally.ack(latencyMs),
    });
    this.#uplink.on('reject', ({ code, count }) => tally.reject(code, count ?? 1));
    this.#uplink.on('problem', ({ code }) => tally.error(code));
    this.#pacer = new Pacer({
      periodMs,
      phase,
      onBeat: (dueMs) => this.#measure(Math.round(dueMs)),
      onMissed: (count) => tally.miss(count),
    });
  }

  /** Connects, and begins to measure: what is measured before the connection is up is sent then. */
  start(): void {
    this.#uplink.open();
    this.#pacer.start();
  }

  /** Ends measuring; what was gathered is sent. */
  stop(): void {
    this.#pacer.stop();
    this.#send();
  }

  /** Resolves with true when all is acked, with false when it is not in time. */
  flush(timeoutMs: number): Promise<boolean> {
    return this.#uplink.flush(timeoutMs);
  }

  close(): Promise<void> {
    return this.#uplink.close();
  }

  get stats(): Uplink['stats'] {
    return this.#uplink.stats;
  }

  #measure(timeMs: number): void {
    this.#readings.push([timeMs, this.#options.measure(timeMs)]);
    if (this.#readings.length >= this.#options.batch) this.#send();
  }

  #send(): void {
    const readings = this.#readings;
    if (readings.length === 0) return;
    this.#readings = [];
    const { shape, tally } = this.#options;
    try {
      this.#uplink.sendTelemetry(telemetryBody(shape, readings));
      tally.sent += 1;
    } catch (error) {
      if (!(error instanceof UplinkError)) throw error;
      tally.error(error.code);
      tally.miss(readings.length);
    }
  }
}
