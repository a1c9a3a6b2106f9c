import type { Topics } from '@fieldline/protocol';
import type { Configs } from '../devices/configs.js';
import type { Device } from '../devices/device.js';
import type { Devices } from '../devices/devices.js';
import type { RetainedTopics } from './retained-topics.js';
import type { MqttTransport } from './transport.js';

export interface ConfigPublisherOptions {
  readonly transport: Pick<MqttTransport, 'onConnected'>;
  readonly retained: RetainedTopics;
  readonly devices: Pick<Devices, 'all'>;
  readonly configs: Pick<Configs, 'onChange'>;
  readonly topics: Topics;
}

/** `…/devices/<id>/config`: what each device says that it runs, once it has said so. */
export class ConfigPublisher {
  readonly #options: ConfigPublisherOptions;
  #stopListening: readonly (() => void)[] = [];

  constructor(options: ConfigPublisherOptions) {
    this.#options = options;
  }

  open(): void {
    const { transport, devices, configs } = this.#options;
    this.#stopListening = [
      configs.onChange((device) => this.#say(device)),
      transport.onConnected(() => {
        for (const device of devices.all()) this.#say(device);
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
  }

  /** The device is gone, and its configuration with it. */
  forget(id: string): void {
    this.#options.retained.say(this.#options.topics.config(id), () => '');
  }

  #say(device: Device): void {
    const { retained, topics } = this.#options;
    // `{}` is what somebody says who runs nothing of it, too: only those who were never asked are left out.
    if (device.config.version === 0 && Object.keys(device.config.reported).length === 0) return;
    retained.say(topics.config(device.id), () => JSON.stringify(device.config.reported));
  }
}
