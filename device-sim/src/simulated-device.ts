import { type Profile, Uplink, type UplinkEncoding, UplinkError } from '@fieldline/protocol';
import { Actuators } from './actuators.js';
import { type MessageShape, type TimedValues, telemetryBody } from './message-shape.js';
import { Pacer } from './pacer.js';
import type { Measure } from './readings.js';
import type { Tally } from './tally.js';

export interface SimulatedDeviceOptions {
  readonly url: string;
  readonly id: string;
  readonly token: string;
  readonly encoding: UplinkEncoding;
  /** Names the commands that it takes. */
  readonly profile: Profile;
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

/** A rhythm that a configuration asks for is not quicker. */
const SHORTEST_PERIOD_MS = 10;

/**
 * One device: it measures in its rhythm, gathers readings into messages, and leaves delivery to its uplink. It takes
 * the commands of its profile, shows at once what they did, and measures at the `interval` of its configuration.
 */
export class SimulatedDevice {
  readonly #options: SimulatedDeviceOptions;
  readonly #uplink: Uplink;
  readonly #actuators: Actuators;
  #pacer: Pacer;
  #isRunning = false;
  #readings: TimedValues[] = [];

  constructor(options: SimulatedDeviceOptions) {
    const { url, id, token, encoding, profile, tally, periodMs } = options;
    this.#options = options;
    this.#actuators = new Actuators(profile);
    const startedMs = performance.now();
    this.#uplink = new Uplink({
      url,
      device: id,
      token,
      encoding,
      firmware: FIRMWARE,
      uptime: () => Math.round(performance.now() - startedMs),
      onAcked: (_seq, latencyMs) => tally.ack(latencyMs),
      onCommand: (command) => {
        const answer = this.#actuators.execute(command);
        if (answer.status === 'ok') this.#showNow();
        return answer;
      },
      onConfig: (desired) => this.#configure(desired),
    });
    this.#uplink.on('reject', ({ code, count }) => tally.reject(code, count ?? 1));
    this.#uplink.on('problem', ({ code }) => tally.error(code));
    this.#pacer = this.#pacerOf(periodMs);
  }

  /** Connects, and begins to measure: what is measured before the connection is up is sent then. */
  start(): void {
    this.#isRunning = true;
    this.#uplink.open();
    this.#pacer.start();
  }

  /** Ends measuring; what was gathered is sent. */
  stop(): void {
    this.#isRunning = false;
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

  #pacerOf(periodMs: number): Pacer {
    const { phase, tally } = this.#options;
    return new Pacer({
      periodMs,
      phase,
      onBeat: (dueMs) => this.#measure(Math.round(dueMs)),
      onMissed: (count) => tally.miss(count),
    });
  }

  /** Runs a configuration: of its keys only `interval` (ms) means something to a simulated device. */
  #configure(desired: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { interval } = desired;
    if (typeof interval === 'number' && interval >= SHORTEST_PERIOD_MS) {
      this.#pacer.stop();
      this.#pacer = this.#pacerOf(interval);
      if (this.#isRunning) this.#pacer.start();
    }
    return { ...desired };
  }

  /** A reading beside the rhythm, with what was gathered before it. */
  #showNow(): void {
    if (!this.#isRunning) return;
    this.#measure(Date.now());
    this.#send();
  }

  #measure(timeMs: number): void {
    this.#readings.push([timeMs, this.#actuators.apply(this.#options.measure(timeMs))]);
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
