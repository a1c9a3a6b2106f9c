import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { PacketGauge } from './packet-gauge.js';

/** A CONNECT with a will; nothing larger is needed before the log-in. */
const STRANGER_BYTES = 16 * 1024;
/** A large write goes out in pieces, so that it can be told whether the client takes them. */
const PIECE_BYTES = 65_536;
/** How long a WebSocket may take to answer our close. */
const CLOSE_MS = 1_000;
const FLUSH_CHECK_MS = 5;
/** aedes has to see that a client is alive, which may do nothing but confirm; the shortest keep alive is 1.5 s. */
const ALIVE_MS = 200;
/** A PUBACK (MQTT 3.1.1 §3.4): its first two bytes, and its length. */
const PUBACK = 0x4002;
const PUBACK_BYTES = 4;

/**
 * The bytes of one client, over TCP or WebSocket, as aedes reads and writes them. It refuses packets that are too
 * large, and knows why it ended, and how much the client has not taken yet.
 */
export abstract class ClientStream extends Duplex {
  readonly address: string;
  readonly gauge = new PacketGauge(STRANGER_BYTES);
  /** Why we ended it, in one word; null when the client did. */
  endReason: string | null = null;
  /** Called with every piece that comes. */
  onBytes: (() => void) | null = null;
  /** Called when the client has logged in. */
  onLoggedIn: (() => void) | null = null;
  /** Whether nobody asks what the client has confirmed: reading that costs as much as sending a message. */
  ignoresAcks = false;
  /** When aedes last saw something of the client. */
  #shownAtMs = 0;
  /** What the system has taken for it. */
  takenBytes = 0;
  /** Of it, what belongs to the write under way. */
  #taken = 0;
  #isDeaf = false;

  constructor(address: string) {
    super({ allowHalfOpen: false });
    this.address = address;
  }

  /** What was written and the system has not taken yet. */
  get unsentBytes(): number {
    return this.writableLength - this.#taken;
  }

  /** Why it ended, in one word. */
  get reason(): string {
    return this.endReason ?? (this.gauge.hasDisconnect ? 'closed' : 'connection_lost');
  }

  /** Ends it at once. The first reason counts. */
  cut(reason: string): void {
    this.endReason ??= reason;
    this.destroy();
  }

  /** Reads nothing more; what was read is answered. */
  stopReading(): void {
    this.#isDeaf = true;
    this.pauseWire();
  }

  /** Resolves when everything that was written has gone out, the stream has ended, or the signal comes. */
  async flushed(late: AbortSignal): Promise<void> {
    while (!this.destroyed && !late.aborted && this.unsentBytes > 0) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, FLUSH_CHECK_MS);
      });
    }
  }

  override _read(): void {
    if (!this.#isDeaf) this.resumeWire();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  /** What is written until the next turn of the event loop goes out together: a system call costs more than a message. */
  #send(bytes: Buffer, done: () => void, from = 0): void {
    const piece = bytes.subarray(from, from + PIECE_BYTES);
    this.send(piece, () => {
      const taken = from + piece.length;
      this.takenBytes += piece.length;
      this.#taken = taken;
      if (taken < bytes.length && !this.destroyed) this.#send(bytes, done, taken);
      else {
        setImmediate(() => {
          this.#taken = 0;
          done();
        });
      }
    });
  }

  /** Takes bytes of the client. */
  protected receive(bytes: Buffer): void {
    if (this.destroyed || this.#isDeaf) return;
    this.onBytes?.();
    const mayBeAcks = this.ignoresAcks && this.gauge.isBetweenPackets;
    if (!this.gauge.fits(bytes)) {
      this.cut('too_large');
      return;
    }
    const nowMs = performance.now();
    if (mayBeAcks && nowMs - this.#shownAtMs < ALIVE_MS && areAcks(bytes)) return;
    this.#shownAtMs = nowMs;
    if (!this.push(bytes)) this.pauseWire();
  }

  /** The client is gone. What it had sent is still read. */
  protected gone(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }

  protected abstract pauseWire(): void;
  protected abstract resumeWire(): void;
  /** Calls `done` when the system has taken the bytes, or never will. */
  protected abstract send(bytes: Buffer, done: () => void): void;
}

/** Whether these are PUBACKs, whole ones and nothing else. */
function areAcks(bytes: Buffer): boolean {
  if (bytes.length % PUBACK_BYTES !== 0) return false;
  for (let at = 0; at < bytes.length; at += PUBACK_BYTES) if (bytes.readUInt16BE(at) !== PUBACK) return false;
  return true;
}

export class TcpStream extends ClientStream {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super(socket.remoteAddress ?? '');
    this.#socket = socket;
    socket.on('data', (bytes) => this.receive(bytes));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.gone());
  }

  protected override pauseWire(): void {
    this.#socket.pause();
  }

  protected override resumeWire(): void {
    this.#socket.resume();
  }

  protected override send(bytes: Buffer, done: () => void): void {
    this.#socket.write(bytes, () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

export class WebSocketStream extends ClientStream {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, address: string) {
    super(address);
    this.#socket = socket;
    socket.on('message', (data, isBinary) => {
      // MQTT 3.1.1 §6: packets come in binary frames, not aligned with them.
      if (isBinary && Buffer.isBuffer(data)) this.receive(data);
      else this.cut('malformed');
    });
    socket.on('close', () => this.gone());
  }

  protected override pauseWire(): void {
    this.#socket.pause();
  }

  protected override resumeWire(): void {
    this.#socket.resume();
  }

  protected override send(bytes: Buffer, done: () => void): void {
    this.#socket.send(bytes, { binary: true }, () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const socket = this.#socket;
    if (this.unsentBytes > 0) {
      socket.terminate(); // it does not take what it was sent: it would not take a close, either
    } else {
      const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
      socket.once('close', () => clearTimeout(timer));
      socket.resume(); // its answer is waited for
      socket.close();
    }
    done(error);
  }
}
