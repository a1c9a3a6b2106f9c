import type { Duplex } from 'node:stream';
import { CLOSE, type CloseCode } from '@fieldline/protocol';
import type { WebSocket } from 'ws';
import type { Wire } from './wire.js';

/** Why a socket is not read from at the moment; it is again when no reason is left. */
export const PAUSE = {
  /** More unacked messages than the window allows. */
  credit: 1,
  /** More messages a second than allowed. */
  rate: 2,
  /** Too many unsynced messages in the whole hub. */
  flow: 4,
  /** An older session of the device is being ended first. */
  takeover: 8,
  /** The device does not read what the hub sends. */
  backlog: 16,
  /** The socket is being closed. */
  ending: 32,
} as const;

/** A device with so much unread is not read from until it has caught up. */
export const BACKLOG_BYTES = 64 * 1024;

/** Longest payload whose length fits into the second byte of a frame. */
const SHORT_FRAME = 125;
/** First byte of a frame: the last fragment (0x80) of a text (0x01), of a binary message (0x02). */
const TEXT_FRAME = '\x81';
const BINARY_FRAME = 0x82;

/** How long a TCP connection may take to end by itself. One whose token was revoked is gone within a second. */
const LINGER_MS = 5_000;
const REVOKED_LINGER_MS = 900;

/** A clean close after one of these makes ESP-IDF's client stop for ever (protocol §1.2 "Close codes"). */
const COMES_BACK: ReadonlySet<CloseCode> = new Set([
  CLOSE.goingAway,
  CLOSE.internal,
  CLOSE.tryLater,
  CLOSE.overrun,
]);

/** A device's WebSocket: what it is read and written with, and how it ends. Messages to it are texts of JSON. */
export class DeviceSocket {
  /** How messages are written on it. */
  readonly wire: Wire;
  private readonly socket: WebSocket;
  private readonly stream: Duplex;
  private paused = 0;
  private hasEnded = false;

  constructor(socket: WebSocket, stream: Duplex, wire: Wire) {
    this.socket = socket;
    this.stream = stream;
    this.wire = wire;
  }

  get isOpen(): boolean {
    return !this.hasEnded && this.socket.readyState === this.socket.OPEN;
  }

  get isPaused(): boolean {
    return this.paused !== 0;
  }

  /** Bytes that were written and have not left this process. */
  get unsentBytes(): number {
    return this.socket.bufferedAmount;
  }

  isPausedFor(reason: number): boolean {
    return (this.paused & reason) !== 0;
  }

  send(message: string): void {
    if (this.isOpen) this.socket.send(this.wire.encode(message));
  }

  /**
   * Sends a short message of ASCII characters, such as an ack, as one write: an unfragmented, unmasked frame
   * (RFC 6455 §5.2, at most 125 bytes). ws would write header and payload apart, which costs some 9 µs against 7,
   * and acks were a quarter of the main thread's time under load. ws keeps no frames back itself, so that they cannot mix.
   */
  sendShort(message: string): void {
    if (!this.isOpen) return;
    const frame = this.wire.encode(message);
    if (frame.length > SHORT_FRAME) this.socket.send(frame);
    else if (typeof frame !== 'string')
      this.stream.write(Buffer.from([BINARY_FRAME, frame.length, ...frame]));
    else this.stream.write(TEXT_FRAME + String.fromCharCode(frame.length) + frame, 'latin1');
  }

  ping(): void {
    if (this.isOpen) this.socket.ping();
  }

  pause(reason: number): void {
    if (this.hasEnded) return; // the closing handshake has to be read
    if (this.paused === 0) this.socket.pause();
    this.paused |= reason;
  }

  /** Takes one reason away. Returns whether the socket is read from again. */
  resume(reason: number): boolean {
    if ((this.paused & reason) === 0) return false;
    this.paused &= ~reason;
    if (this.paused !== 0) return false;
    this.socket.resume();
    return true;
  }

  /**
   * Ends the connection after `last` (a `bye` or an `error`, since common libraries hide the close code).
   * @param reconnects whether the device declared that it comes back after a clean close
   */
  end(code: CloseCode, last: readonly string[], reconnects: boolean): void {
    if (!this.isOpen) {
      this.destroy();
      return;
    }
    for (const message of last) this.socket.send(this.wire.encode(message));
    this.hasEnded = true;
    // From now on it is read only for the sake of the closing handshake; nobody listens to messages.
    if (this.paused !== 0) this.socket.resume();
    if (needsBye(code, reconnects)) this.stream.end();
    else this.socket.close(code);
    const lingerMs = code === CLOSE.unauthorized ? REVOKED_LINGER_MS : LINGER_MS;
    setTimeout(() => this.destroy(), lingerMs).unref();
  }

  /** Cuts the connection at once, with whatever has not been sent. */
  destroy(): void {
    this.hasEnded = true;
    this.socket.terminate();
  }
}

/** Whether a connection has to end by `bye` and without a close frame. */
export function needsBye(code: CloseCode, reconnects: boolean): boolean {
  return COMES_BACK.has(code) && !reconnects;
}
