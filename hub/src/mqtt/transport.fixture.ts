import { SinkError } from '../sinks/sink.js';
import type { MqttTransport, PublishOptions } from './transport.js';

/** A message that waits for its confirmation by the test. */
export interface Published extends PublishOptions {
  readonly topic: string;
  readonly payload: string;
  confirm(): void;
  refuse(error: Error): void;
}

/** A transport whose confirmations the test gives. */
export class HeldTransport implements MqttTransport {
  readonly published: Published[] = [];
  readonly unwanted = new Set<string>();
  readonly error: string | null = null;
  failure = new SinkError('network', 'not connected');
  isConnected = true;
  readonly #listeners = new Set<() => void>();
  #opened = 0;

  /** Confirmations are given at once from now on. */
  isQuick = false;

  get opened(): number {
    return this.#opened;
  }

  isWanted(topic: string): boolean {
    return !this.unwanted.has(topic);
  }

  publish(topic: string, payload: string | Buffer, options: PublishOptions): Promise<void> {
    if (!this.isConnected) return Promise.reject(this.failure);
    return new Promise((confirm, refuse) => {
      this.published.push({ topic, payload: payload.toString(), ...options, confirm, refuse });
      if (this.isQuick) confirm();
    });
  }

  onConnected(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.isConnected) listener();
    return () => this.#listeners.delete(listener);
  }

  subscribe(): void {}

  async open(): Promise<void> {
    this.#opened++;
  }

  async close(): Promise<void> {}

  /** Ends the connection, and all that waits for a confirmation. */
  disconnect(): void {
    this.isConnected = false;
    for (const { refuse } of this.published) refuse(new SinkError('network', 'gone'));
  }

  connect(): void {
    this.isConnected = true;
    for (const listener of this.#listeners) listener();
  }

  /** Topics and payloads, in the order in which they were published. */
  get said(): readonly string[] {
    return this.published.map(({ topic, payload }) => `${topic} ${payload}`);
  }
}

/** Lets everything that is ready happen. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
