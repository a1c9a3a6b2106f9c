import { setTimeout as delay } from 'node:timers/promises';
import type { Profile, UplinkEncoding } from '@fieldline/protocol';
import type { MessageShape } from './message-shape.js';
import { measureOf } from './readings.js';
import { type RegistrationOptions, register } from './registration.js';
import { SimulatedDevice } from './simulated-device.js';
import { type Summary, Tally } from './tally.js';
import { TokenFile } from './token-file.js';

export interface FleetOptions {
  /** Base address of the hub, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Its `simulate` part says what the devices measure, its `interval` how often. */
  readonly profile: Profile;
  /** How many devices. */
  readonly devices: number;
  /** Ids are this, a dash and a number; the profile's name by default. */
  readonly prefix?: string | undefined;
  /** The same seed makes the same signals. */
  readonly seed?: string | undefined;
  /** Messages a second of one device; without it, a reading each interval of the profile. */
  readonly rate?: number | undefined;
  readonly shape?: MessageShape | undefined;
  /** Readings in one message of `rows` and `columns`; 10 by default. */
  readonly batch?: number | undefined;
  /** How the devices speak with the hub; JSON by default. */
  readonly encoding?: UplinkEncoding | undefined;
  /** Where the devices' tokens are kept between runs. */
  readonly tokenFile: string;
  /** An admin's token, to register devices whose token is not in the file. */
  readonly apiToken?: string | undefined;
  readonly onRegistered?: RegistrationOptions['onProgress'];
}

export const DEFAULT_SEED = 'fieldline';
export const DEFAULT_BATCH = 10;

/** Devices begin so far apart, so that a big fleet does not fall upon the hub at once: 200 a second. */
const RAMP_MS = 5;
/** For profiles that do not say. */
const DEFAULT_INTERVAL_MS = 10_000;

/** Simulated devices of one profile, each with a connection, a rhythm and signals of its own. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #tally = new Tally();
  readonly #stop = new AbortController();
  readonly #devices: SimulatedDevice[] = [];
  #ramp: Promise<void> = Promise.resolve();
  #openedMs = 0;
  #elapsedMs: number | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /**
   * Registers what is missing, and resolves while the devices begin, one after the other.
   * @throws RegistrationError when the hub refuses a device, or cannot be asked
   * @throws RangeError when the profile has no `simulate` part
   */
  async open(): Promise<void> {
    const { url, profile, apiToken, onRegistered } = this.#options;
    if (profile.simulate.size === 0) throw new RangeError(`profile ${profile.name} has no simulate part`);
    const tokens = new TokenFile(this.#options.tokenFile);
    await tokens.open();
    const ids = this.ids();
    await register(ids, {
      url,
      apiToken,
      profile: profile.name,
      tokens,
      ...(onRegistered === undefined ? {} : { onProgress: onRegistered }),
    });
    for (const [at, id] of ids.entries()) this.#devices.push(this.#make(id, tokens.get(id) ?? '', at));
    this.#openedMs = performance.now();
    this.#ramp = this.#startAll();
  }

  /** Ids of all devices, such as `env-sensor-01`. */
  ids(): string[] {
    const { devices, profile, prefix = profile.name } = this.#options;
    const digits = Math.max(2, String(devices).length);
    return Array.from({ length: devices }, (_, at) => `${prefix}-${String(at + 1).padStart(digits, '0')}`);
  }

  summary(): Summary {
    let online = 0;
    let resent = 0;
    let reconnects = 0;
    for (const { stats } of this.#devices) {
      if (stats.state === 'online') online += 1;
      resent += stats.resent;
      reconnects += Math.max(0, stats.connections - 1);
    }
    const elapsedMs = this.#elapsedMs ?? performance.now() - this.#openedMs;
    return this.#tally.summary({ devices: this.#devices.length, online, elapsedMs, resent, reconnects });
  }

  /**
   * Stops measuring, waits up to `flushMs` for the last acks, or until `hurry`, closes the connections, and
   * sums up.
   */
  async close(flushMs: number, hurry?: AbortSignal): Promise<Summary> {
    this.#stop.abort();
    await this.#ramp;
    this.#elapsedMs = performance.now() - this.#openedMs;
    for (const device of this.#devices) device.stop();
    const flushed = Promise.all(this.#devices.map((device) => device.flush(flushMs)));
    await Promise.race(hurry === undefined ? [flushed] : [flushed, aborted(hurry)]);
    const summary = this.summary();
    await Promise.all(this.#devices.map((device) => device.close()));
    return summary;
  }

  #make(id: string, token: string, at: number): SimulatedDevice {
    const { url, profile, devices, rate, seed = DEFAULT_SEED, shape = 'single' } = this.#options;
    const batch = shape === 'single' ? 1 : (this.#options.batch ?? DEFAULT_BATCH);
    const intervalMs = profile.intervalMs ?? DEFAULT_INTERVAL_MS;
    return new SimulatedDevice({
      url,
      id,
      token,
      encoding: this.#options.encoding ?? 'json',
      profile,
      measure: measureOf(profile, id, seed),
      shape,
      batch,
      periodMs: rate === undefined ? intervalMs : 1_000 / (rate * batch),
      phase: at / devices,
      tally: this.#tally,
    });
  }

  async #startAll(): Promise<void> {
    const { signal } = this.#stop;
    for (const device of this.#devices) {
      if (signal.aborted) return;
      device.start();
      await delay(RAMP_MS, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
