import { DeviceClient } from './device-client.js';

/**
 * A device that numbers what it sends, `{"n":1}`, `{"n":2}` …, and, like a real one, forgets a message for good
 * once it is acked. After a reconnect it sends again everything that it has seen no ack for, also what
 * `welcome.ack` would spare it: the hub has to notice.
 */
export class NumberedDevice {
  readonly id: string;
  readonly #token: string;
  readonly #boot: string;
  readonly #inFlight: number;
  readonly #padding: number;
  /** Highest number handed out so far. */
  sent = 0;
  /** Everything up to here was acked. */
  acked = 0;
  #client: DeviceClient | undefined;
  /** Highest number that was sent on this connection. */
  #written = 0;

  /** @param options.padding bytes of text beside the number */
  constructor(
    id: string,
    token: string,
    options: { boot?: string; inFlight?: number; padding?: number } = {},
  ) {
    this.id = id;
    this.#token = token;
    this.#boot = options.boot ?? 'boot1';
    this.#inFlight = options.inFlight ?? 200;
    this.#padding = options.padding ?? 0;
  }

  /** @throws Error when the hub does not know of messages any more that it had acked */
  async connect(url: string): Promise<void> {
    const client = await DeviceClient.connect(url, { token: this.#token });
    const welcome = await client.hello({ boot: this.#boot, seq: this.sent, caps: ['reconnect'] });
    const ack = (welcome.ack as number | null) ?? 0;
    if (ack < this.acked) throw new Error(`${this.id}: ${this.acked} was acked, now the hub has only ${ack}`);
    this.#written = this.acked;
    this.#client = client;
    client.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string; seq: number };
      if (message.type === 'ack') this.acked = Math.max(this.acked, message.seq);
    });
  }

  /** Sends up to `count` messages, old ones first, as far as the window of unacked ones allows. */
  feed(count: number): void {
    const socket = this.#client?.socket;
    for (let n = 0; n < count && socket?.readyState === socket?.OPEN; n++) {
      if (this.#written - this.acked >= this.#inFlight) return;
      this.#written += 1;
      if (this.#written > this.sent) this.sent = this.#written;
      socket?.send(`{"type":"telemetry","seq":${this.#written},"values":{${this.#values(this.#written)}}}`);
    }
  }

  #values(n: number): string {
    // No two texts are alike: the journal keeps equal ones once.
    return this.#padding === 0 ? `"n":${n}` : `"n":${n},"text":"${String(n).padEnd(this.#padding, 'x')}"`;
  }

  /** What the hub told other than acks. */
  get remarks(): readonly object[] {
    return this.#client?.messages.filter(({ type }) => type !== 'ack' && type !== 'welcome') ?? [];
  }

  /** Resolves when the connection has ended. */
  async ended(): Promise<{ code: number }> {
    return (await this.#client?.end()) ?? { code: 0 };
  }

  drop(): void {
    this.#client?.socket.terminate();
  }
}
