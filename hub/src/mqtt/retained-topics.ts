import { type MqttTransport, RefusedMessage } from './transport.js';

/** Publishes under way at a time: what is retained does not crowd telemetry out. */
const IN_FLIGHT = 50;

/**
 * The last word under each topic, retained by the broker. Only the latest is kept until it is confirmed, over
 * disconnects too; how much is kept is bounded by the number of topics.
 */
export class RetainedTopics {
  readonly #transport: MqttTransport;
  /** Not published yet: how to make the payload when its turn comes. */
  readonly #waiting = new Map<string, () => string>();
  /** Of the topics that are being published: what was said last. */
  readonly #latest = new Map<string, () => string>();
  readonly #idle = new Set<() => void>();
  #inFlight = 0;
  #stopListening: () => void = () => undefined;

  constructor(transport: MqttTransport) {
    this.#transport = transport;
  }

  open(): void {
    this.#stopListening = this.#transport.onConnected(() => this.#fill());
  }

  close(): void {
    this.#stopListening();
    this.#waiting.clear();
  }

  /** How many topics wait for their turn. */
  get backlog(): number {
    return this.#waiting.size;
  }

  /** Says `payload` under `topic` as soon as it can be, in place of what waits there. `''` clears the topic. */
  say(topic: string, payload: () => string): void {
    this.#waiting.set(topic, payload);
    this.#fill();
  }

  /** Resolves when everything is confirmed, or after `timeoutMs`. */
  settle(timeoutMs: number): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#idle.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#idle.add(done);
    });
  }

  get #isIdle(): boolean {
    return this.#inFlight === 0 && this.#waiting.size === 0;
  }

  #fill(): void {
    for (const [topic, payload] of this.#waiting) {
      if (this.#inFlight >= IN_FLIGHT || !this.#transport.isConnected) return;
      this.#waiting.delete(topic);
      void this.#publish(topic, payload);
    }
  }

  async #publish(topic: string, payload: () => string): Promise<void> {
    this.#inFlight++;
    this.#latest.set(topic, payload);
    let isKept = false;
    try {
      await this.#transport.publish(topic, payload(), { qos: 1, retain: true });
    } catch (error) {
      // A broker that does not want it will not want it later either.
      isKept = !(error instanceof RefusedMessage) && !this.#waiting.has(topic);
    }
    this.#inFlight--;
    // Of two that fail together only the newer one is worth another try.
    if (this.#latest.get(topic) === payload) this.#latest.delete(topic);
    else isKept = false;
    // Where publishing fails although the broker is there, the next change or connect brings another try.
    if (isKept && !this.#transport.isConnected) this.#waiting.set(topic, payload);
    if (this.#transport.isConnected) this.#fill();
    if (this.#isIdle) for (const done of [...this.#idle]) done();
  }
}
