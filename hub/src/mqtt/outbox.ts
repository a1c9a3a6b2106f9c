import type { MqttTransport, PublishOptions } from './transport.js';

export interface OutboxCounters {
  /** Messages that nobody will get: the broker was away, or too slow. */
  skipped: number;
}

/** Messages that may wait for their confirmation. */
const MAX_UNCONFIRMED = 5_000;

/**
 * Messages that are of use now or never: results, responses, and what goes to a device. What the broker cannot take
 * now is left out, and counted; whoever needs it asks the HTTP API, or is asked again.
 */
export class Outbox {
  readonly #transport: Pick<MqttTransport, 'isConnected' | 'publish'>;
  readonly #counters: OutboxCounters;
  #unconfirmed = 0;

  constructor(transport: Pick<MqttTransport, 'isConnected' | 'publish'>, counters: OutboxCounters) {
    this.#transport = transport;
    this.#counters = counters;
  }

  /** Publishes with QoS 1, not retained. */
  send(topic: string, payload: string, options: Omit<PublishOptions, 'qos' | 'retain'> = {}): void {
    if (!this.#transport.isConnected || this.#unconfirmed >= MAX_UNCONFIRMED) {
      this.#counters.skipped++;
      return;
    }
    this.#unconfirmed++;
    this.#transport
      .publish(topic, payload, { qos: 1, retain: false, ...options })
      .catch(() => {
        this.#counters.skipped++;
      })
      .finally(() => {
        this.#unconfirmed--;
      });
  }
}
