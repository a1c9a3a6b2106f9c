import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { deadline } from './deadline.js';

/** Where the broker is, and as whom to log in. */
export interface PeerOptions
  extends Pick<IClientOptions, 'username' | 'password' | 'clientId' | 'clean' | 'will'> {
  readonly url: string;
  readonly protocolVersion: 4 | 5;
}

/** A message that came. */
export interface PeerMessage {
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
  readonly properties: NonNullable<IPublishPacket['properties']>;
}

/** Any client of a broker (mqtt.js). It does not connect again by itself. */
export class MqttPeer {
  readonly messages: PeerMessage[] = [];
  readonly #client: MqttClient;
  #wake: () => void = () => undefined;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload, { retain, properties = {} }) => {
      this.messages.push({ topic, text: payload.toString(), retain, properties });
      this.#wake();
    });
    client.on('error', () => undefined); // it was refused, or is gone: what is waited for does not come
  }

  /** Connects and subscribes. */
  static async connect({ url, ...options }: PeerOptions, ...topics: string[]): Promise<MqttPeer> {
    const client = await connectAsync(url, { reconnectPeriod: 0, ...options });
    const peer = new MqttPeer(client);
    if (topics.length > 0) await client.subscribeAsync(topics, { qos: 1 });
    return peer;
  }

  /** Publishes with QoS 1; resolves with the confirmation. An object goes out as JSON. */
  async publish(
    topic: string,
    payload: object | string,
    options: Pick<IPublishPacket, 'properties'> & { readonly retain?: boolean } = {},
  ): Promise<void> {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const done = this.#client.publishAsync(topic, text, { qos: 1, ...options });
    await deadline(done, () => `the confirmation of ${topic}`);
  }

  /** Takes the first message out of those that came, or come, under a topic. */
  async take(topic: string, matches: (message: PeerMessage) => boolean = () => true): Promise<PeerMessage> {
    const wait = async (): Promise<PeerMessage> => {
      for (;;) {
        const at = this.messages.findIndex((message) => message.topic === topic && matches(message));
        if (at >= 0) return this.messages.splice(at, 1)[0] as PeerMessage;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return deadline(wait(), () => `${topic}; there is ${JSON.stringify(this.messages.slice(-10))}`);
  }

  /** As {@link take}, of JSON. */
  async takeJson(topic: string, type?: string): Promise<Readonly<Record<string, unknown>>> {
    const message = await this.take(
      topic,
      ({ text }) => type === undefined || JSON.parse(text).type === type,
    );
    return JSON.parse(message.text) as Record<string, unknown>;
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    await this.#client.endAsync();
  }

  /** Cuts the cable. */
  destroy(): void {
    this.#client.stream.destroy();
  }
}
