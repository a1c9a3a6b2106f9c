import type { Reading } from '@fieldline/journal';
import type { Topics } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import type { Devices } from '../devices/devices.js';
import type { RetainedTopics } from './retained-topics.js';
import type { MqttTransport } from './transport.js';

export interface StatePublisherOptions {
  readonly transport: Pick<MqttTransport, 'onConnected'>;
  readonly retained: RetainedTopics;
  readonly devices: Pick<Devices, 'get' | 'ids'>;
  readonly topics: Topics;
}

/** A device's state is said once in so many ticks. */
const SLOTS = 50;
/** 50 ticks are a second. */
const TICK_MS = 20;

/**
 * `…/devices/<id>/state`: the latest value of each metric, for the devices that changed, at most once a second each.
 * Devices are spread evenly over the second, so that 10,000 of them are 200 a tick.
 */
export class StatePublisher {
  readonly #options: StatePublisherOptions;
  /** Which devices changed, by the tick whose turn is theirs. */
  readonly #changed = Array.from({ length: SLOTS }, () => new Set<string>());
  readonly #slots = new Map<string, number>();
  #nextSlot = 0;
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: () => void = () => undefined;

  constructor(options: StatePublisherOptions) {
    this.#options = options;
  }

  open(): void {
    this.#stopListening = this.#options.transport.onConnected(() => {
      for (const id of this.#options.devices.ids()) this.#mark(id);
    });
    this.#timer = setInterval(() => this.#publish(), TICK_MS);
    this.#timer.unref();
  }

  /** Says what has changed since: it is the last word until the hub comes back. */
  close(): void {
    this.#stopListening();
    clearInterval(this.#timer);
    for (let tick = 0; tick < SLOTS; tick++) this.#publish();
  }

  /** Durable readings came in, and their devices know the values already. */
  take(readings: readonly Reading[]): void {
    let last = '';
    for (const { device } of readings) {
      if (device !== last) this.#mark(device);
      last = device;
    }
  }

  /** A metric of the device has another type: its latest value is no value any more. */
  retyped(device: Device): void {
    if (hasState(device)) this.#mark(device.id);
    else this.#options.retained.say(this.#options.topics.state(device.id), () => '');
  }

  /** The device is gone, and its state with it. */
  forget(id: string): void {
    const slot = this.#slots.get(id);
    if (slot !== undefined) this.#changed[slot]?.delete(id);
    this.#slots.delete(id);
    this.#options.retained.say(this.#options.topics.state(id), () => '');
  }

  #mark(id: string): void {
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      slot = this.#nextSlot;
      this.#nextSlot = (slot + 1) % SLOTS;
      this.#slots.set(id, slot);
    }
    this.#changed[slot]?.add(id);
  }

  #publish(): void {
    const { retained, devices, topics } = this.#options;
    const changed = this.#changed[this.#tick];
    this.#tick = (this.#tick + 1) % SLOTS;
    if (changed === undefined || changed.size === 0) return;
    for (const id of changed) {
      const device = devices.get(id);
      // The payload is made when its turn comes: of the values that are the latest then.
      if (device !== undefined && hasState(device))
        retained.say(topics.state(id), () => statePayload(device));
    }
    changed.clear();
  }
}

function hasState(device: Device): boolean {
  for (const { latestValue } of device.metrics.values()) if (latestValue !== null) return true;
  return false;
}

/** `{"time":…,"values":{…}}`, the time that of the newest value, in ms. */
export function statePayload(device: Device): string {
  let newest = 0;
  const values: Record<string, unknown> = {};
  for (const [name, { latestTime, latestValue }] of device.metrics) {
    if (latestValue === null) continue;
    values[name] = latestValue;
    newest = Math.max(newest, latestTime);
  }
  return JSON.stringify({ time: Math.floor(newest / 1000), values });
}
