import type { RawData, WebSocket } from 'ws';
import { parseRetryAfter } from './backoff.js';
import type { Wire } from './wire.js';

/** Why a connection ended, or never came to be. */
export interface LinkEnd {
  /** WebSocket close code; 1006 where none came (RFC 6455 §7.4.1). */
  readonly code: number;
  /** HTTP status of a refused upgrade. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly reason: string;
}

export interface LinkListener {
  opened(): void;
  /** A message's frame. */
  message(frame: Buffer): void;
  /** Any sign of life: a message or a ping. */
  heard(): void;
  /** Called once, and nothing after it. */
  ended(end: LinkEnd): void;
}

export interface LinkOptions {
  readonly WebSocket: typeof WebSocket;
  readonly url: string;
  readonly wire: Wire;
  /** The header; undefined for none. */
  readonly authorization: string | undefined;
  readonly maxPayloadBytes: number;
  readonly handshakeTimeoutMs: number;
}

/**
 * One connection to the hub. It belongs to one socket for good: what an old socket still says after
 * {@link drop} reaches nobody.
 */
export class Link {
  readonly #options: LinkOptions;
  #listener: LinkListener | undefined;
  #socket: WebSocket | undefined;
  #error = '';

  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Starts connecting. The listener hears of the outcome, always later than this call. */
  open(): void {
    const {
      WebSocket: Socket,
      url,
      wire,
      authorization,
      maxPayloadBytes,
      handshakeTimeoutMs,
    } = this.#options;
    const socket = new Socket(url, [wire.subprotocol], {
      headers: authorization === undefined ? {} : { authorization },
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: maxPayloadBytes,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    socket.on('open', () => this.#listener?.opened());
    socket.on('ping', () => this.#listener?.heard());
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#listener?.heard();
      if (isBinary === wire.isBinary) this.#listener?.message(data as Buffer);
    });
    socket.on('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0;
      const retryAfterMs = parseRetryAfter(response.headers['retry-after'], Date.now());
      const reason = `HTTP ${status} ${response.statusMessage ?? ''}`.trim();
      response.resume();
      this.#end({ code: 1006, status, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
      socket.terminate();
    });
    socket.on('error', (error) => {
      this.#error = error.message; // `close` follows, and has no reason of its own then
    });
    socket.on('close', (code, reason) => this.#end({ code, reason: reason.toString() || this.#error }));
  }

  /** Bytes that were sent and have not reached the kernel. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(message: string): void {
    const { wire } = this.#options;
    this.#socket?.send(wire.encode(message), { binary: wire.isBinary });
  }

  /** Closes in good order; the listener hears of the end. */
  close(): void {
    this.#socket?.close(1000);
  }

  /** Cuts the connection at once. The listener hears nothing any more. */
  drop(): void {
    this.#listener = undefined;
    this.#socket?.terminate();
  }

  #end(end: LinkEnd): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.ended(end);
  }
}
