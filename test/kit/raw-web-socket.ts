import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { deadline } from './deadline.js';

/** A frame that a server sent (RFC 6455 §5.2): never masked. */
export interface ServerFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

export const OPCODE = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 } as const;

/** A TCP connection on which the test writes the bytes of a WebSocket client itself, as some small device would. */
export class RawWebSocket {
  readonly frames: ServerFrame[] = [];
  readonly #socket: Socket;
  #head: string | undefined;
  #received = Buffer.alloc(0);
  #isEnded = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#parse();
      this.#wake?.();
    });
    // A reset ends it as well.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isEnded = true;
      this.#wake?.();
    });
  }

  static async connect(url: string): Promise<RawWebSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const raw = new RawWebSocket(socket);
    await deadline(once(socket, 'connect'), () => `${url} to take a connection`);
    return raw;
  }

  /** Writes these bytes, each part in a write of its own. */
  write(...parts: readonly (string | Uint8Array)[]): void {
    for (const part of parts) this.#socket.write(part);
  }

  /** The answer to the upgrade: its status line and its headers. */
  head(): Promise<string> {
    return this.#until('an answer', () => this.#head);
  }

  /** The first frame that fits, of those that came and that come. */
  frame(fits: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    return this.#until('a frame', () => this.frames.find(fits));
  }

  /** Waits until the server has ended the TCP connection. */
  ended(): Promise<true> {
    return this.#until('the end', () => this.#isEnded || undefined);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #until<T>(what: string, find: () => T | undefined): Promise<T> {
    const wait = async () => {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (this.#isEnded) throw new Error(`the connection ended before ${what}`);
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return deadline(wait(), () => `${what}; so far: ${this.#head} ${JSON.stringify(this.frames)}`);
  }

  #parse(): void {
    if (this.#head === undefined) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.#head = this.#received.toString('latin1', 0, end + 2);
      this.#received = this.#received.subarray(end + 4);
    }
    for (;;) {
      const bytes = this.#received;
      if (bytes.length < 2) return;
      const short = bytes.readUInt8(1) & 127;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < start) return;
      const length =
        short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      if (bytes.length < start + length) return;
      const first = bytes.readUInt8(0);
      const payload = bytes.subarray(start, start + length);
      this.frames.push({ opcode: first & 15, isFinal: first >= 128, payload });
      this.#received = bytes.subarray(start + length);
    }
  }
}

/** The head of a client's frame, with its mask behind it. */
export function clientHead(opcode: number, length: number, mask: Uint8Array, isFinal = true): Buffer {
  const head = length < 126 ? [128 | length] : [128 | 126, length >> 8, length & 255];
  return Buffer.from([(isFinal ? 128 : 0) | opcode, ...head, ...mask]);
}

export function masked(payload: Uint8Array, mask: Uint8Array): Buffer {
  return Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] as number)));
}
