import type { Topics } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import type { Devices } from '../devices/devices.js';
import { type Presence, RETURNED } from '../devices/presence.js';
import type { RetainedTopics } from './retained-topics.js';
import type { MqttTransport } from './transport.js';

export interface StatusPublisherOptions {
  readonly transport: Pick<MqttTransport, 'onConnected'>;
  readonly retained: RetainedTopics;
  readonly devices: Pick<Devices, 'all' | 'get'>;
  readonly presence: Presence;
  readonly topics: Topics;
  readonly now: () => number;
}

interface Status {
  readonly online: boolean;
  /** ms since 1970. */
  readonly time: number;
  readonly reason: string;
}

/** Who is online: `…/hub/status` of the hub itself, `…/devices/<id>/status` of each device. */
export class StatusPublisher {
  readonly #options: StatusPublisherOptions;
  #openedAtMs = 0;
  #stopListening: readonly (() => void)[] = [];

  constructor(options: StatusPublisherOptions) {
    this.#options = options;
  }

  open(): void {
    const { transport, presence, devices, now } = this.#options;
    this.#openedAtMs = now();
    this.#stopListening = [
      presence.onChange(({ device, reason }) => {
        // The connections of a device that was deleted end after it: its topic is cleared, or another's by now.
        if (devices.get(device.id) !== device) return;
        // The retained message says so already.
        if (reason !== RETURNED) this.say(device);
      }),
      transport.onConnected(() => {
        this.#sayHub(true);
        for (const device of devices.all()) this.say(device);
      }),
    ];
  }

  /**
   * The hub stops, and says so of itself. What is retained of its devices stays: after a restart they are back within
   * seconds, and nobody should act on that twice. Who has to know for sure reads both topics, as Home Assistant does.
   */
  close(): void {
    for (const stop of this.#stopListening) stop();
    this.#sayHub(false);
  }

  /** The device is gone, and its status with it. */
  forget(id: string): void {
    this.#options.retained.say(this.#options.topics.status(id), () => '');
  }

  /** Says how it stands with a device. */
  say(device: Device): void {
    const { retained, topics } = this.#options;
    retained.say(topics.status(device.id), () => JSON.stringify(this.#statusOf(device)));
  }

  #sayHub(online: boolean): void {
    const { retained, topics, now } = this.#options;
    retained.say(topics.hubStatus, () => hubStatus(online, now()));
  }

  #statusOf(device: Device): Status {
    const { status } = device.standing;
    if (status === null) return { online: false, time: this.#openedAtMs, reason: 'not_connected' };
    return { online: status.online, time: status.at, reason: status.reason };
  }
}

/** The payload of `…/hub/status`. */
export function hubStatus(online: boolean, timeMs: number): string {
  return JSON.stringify({ online, time: timeMs });
}
