import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Credentials } from '../hub/devices.js';

/** Send times are kept for so many messages; far more than any window. A power of two. */
const REMEMBERED = 16_384;
/** Different readings that a device goes round. */
const VARIANTS = 32;

/**
 * One device of a load: a bare `ws` client whose frames are put together from prepared parts, so that the
 * generator costs little beside what it measures.
 */
export class LoadDevice {
  readonly socket: WebSocket;
  readonly #boot: string;
  readonly #tails: readonly string[];
  readonly #sentAtMs = new Float64Array(REMEMBERED);
  readonly #onAck: (latencyMs: number, nowMs: number) => void;
  #seq = 0;
  #acked = 0;
  bytes = 0;

  constructor(
    url: string,
    { id, token }: Credentials,
    private readonly hello: boolean,
    onAck: (latencyMs: number, nowMs: number) => void,
  ) {
    this.#onAck = onAck;
    this.#boot = Date.now().toString(36);
    this.#tails = Array.from({ length: VARIANTS }, (_, at) => tail(hash(id) + at));
    this.socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      handshakeTimeout: 30_000,
    });
    this.socket.on('error', () => undefined); // 'close' follows, and is counted
  }

  /** Resolves once the hub said `welcome`, or, without hello, once the socket is open. */
  async open(): Promise<void> {
    await once(this.socket, 'open');
    if (!this.hello) return;
    const welcome = once(this.socket, 'message');
    this.socket.send(JSON.stringify({ type: 'hello', boot: this.#boot, seq: 0, firmware: 'bench' }));
    await welcome;
    this.socket.on('message', (data: Buffer) => this.#received(data));
  }

  /** Sends one reading of five metrics. */
  send(): void {
    this.#seq += 1;
    const now = Date.now();
    const frame = `{"type":"telemetry","seq":${this.#seq},"time":${now},${this.#tails[this.#seq % VARIANTS]}`;
    this.bytes += frame.length;
    this.#sentAtMs[this.#seq & (REMEMBERED - 1)] = performance.now();
    this.socket.send(frame);
  }

  get sent(): number {
    return this.#seq;
  }

  get unacked(): number {
    return this.#seq - this.#acked;
  }

  #received(data: Buffer): void {
    const message: { type?: unknown; seq?: unknown } = JSON.parse(String(data));
    if (message.type !== 'ack' || typeof message.seq !== 'number') return;
    const nowMs = performance.now();
    const first = Math.max(this.#acked + 1, message.seq - REMEMBERED + 1);
    for (let seq = first; seq <= message.seq; seq += 1) {
      this.#onAck(nowMs - (this.#sentAtMs[seq & (REMEMBERED - 1)] ?? nowMs), nowMs);
    }
    this.#acked = Math.max(this.#acked, message.seq);
  }
}

/** The end of a frame: about 136 bytes with its head, as an environment sensor sends them. */
function tail(variant: number): string {
  const temperature = 18 + (variant % 89) / 10;
  const humidity = 40 + (variant % 211) / 10;
  const battery = 3.6 + (variant % 31) / 100;
  const values = { temperature, humidity, battery, door: variant % 5 === 0, rssi: -50 - (variant % 37) };
  return `"values":${JSON.stringify(values, (_, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value))}}`;
}

function hash(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.charCodeAt(0)) >>> 0;
  return sum;
}
