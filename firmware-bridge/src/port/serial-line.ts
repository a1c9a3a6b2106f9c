import { EventEmitter } from 'node:events';
import { DelimiterParser } from '@serialport/parser-delimiter';
import { SerialPortStream } from '@serialport/stream';
import type { PortMatch } from '../config/config.js';
import { FrameLimit } from '../framing/frame-limit.js';
import { binding } from './binding.js';
import { findPort } from './find-port.js';
import { PortList } from './port-list.js';
import { resetBoard } from './reset-board.js';

/** How often a port that is not there is looked for: at first often, since a board that was reset is back in a moment. */
const FIRST_RETRY_MS = 100;
const RETRY_MS = 1_000;
/** A port that takes nothing for so long (a board that hangs behind flow control) gets nothing more. */
const UNSENT_BYTES = 8_192;

/** All lines of a process ask it, so that ten missing boards are looked for once a second, not ten times. */
export const portList = new PortList(binding);
type Port = SerialPortStream<typeof binding>;

export interface SerialLineEvents {
  /** A port was opened, at this path. What was read before is over. */
  open: [path: string];
  /** A frame without its delimiter. */
  frame: [frame: Buffer];
  /** A frame that was longer than allowed was dropped. */
  tooLong: [];
  /** The port is gone, or was never there: said once for each reason. It is tried again by itself. */
  gone: [reason: string];
}

export interface SerialLineOptions {
  readonly match: PortMatch;
  readonly baud: number;
  readonly reset: boolean;
  /** The byte that ends a frame. */
  readonly delimiter: number;
  readonly maxFrameBytes: number;
  /** The system's serial ports; others for tests. */
  readonly binding?: typeof binding;
}

/**
 * A serial port that comes and goes: opens it, waits for it where it is missing, notices that it was pulled, and opens
 * it again. There is one port and one timer at a time, and what an old port still says reaches nobody.
 */
export class SerialLine extends EventEmitter<SerialLineEvents> {
  readonly #options: SerialLineOptions;
  #port: Port | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #said = '';
  #retryMs = FIRST_RETRY_MS;
  #unsent = 0;

  constructor(options: SerialLineOptions) {
    super();
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#port?.isOpen === true;
  }

  /** Of the port that is open; null while none is. */
  get path(): string | null {
    return this.#port?.isOpen === true ? this.#port.path : null;
  }

  /** Begins to look for the port, and stays at it until `close`. */
  open(): void {
    void this.#try();
  }

  /** Writes bytes now or never. False when the port is not open, or takes nothing. */
  write(bytes: Uint8Array): boolean {
    const port = this.#port;
    if (port?.isOpen !== true || port.writableLength > UNSENT_BYTES) {
      this.#unsent++;
      return false;
    }
    return port.write(bytes) || true;
  }

  /** Whether the system has taken all that was written. What it has, in its own buffer, a board that hangs may still get. */
  get isClear(): boolean {
    return this.#port === undefined || this.#port.writableLength === 0;
  }

  /** Writes that came to nothing. */
  get unsent(): number {
    return this.#unsent;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const port = this.#port;
    this.#port = undefined;
    if (port === undefined) return;
    await new Promise<void>((resolve) => {
      if (port.isOpen) port.close(() => resolve());
      else resolve();
    });
  }

  async #try(): Promise<void> {
    let path: string;
    try {
      path = await findPort(this.#options.match, portList);
    } catch (error) {
      this.#lost(undefined, (error as Error).message);
      return;
    }
    if (this.#isClosed) return;
    // HUPCL would drop DTR at the close, and its rise at the next open resets most boards.
    const port = new SerialPortStream({
      binding: this.#options.binding ?? binding,
      path,
      baudRate: this.#options.baud,
      autoOpen: false,
      hupcl: false,
    });
    this.#port = port;
    port.on('error', (error) => this.#lost(port, error.message));
    port.on('close', (error?: Error) => this.#lost(port, error?.message ?? 'closed'));
    // Some drivers read nothing, and no error, from a board that was unplugged.
    port.on('end', () => this.#lost(port, 'unplugged'));
    port.open((error) => {
      if (error !== null && error !== undefined) this.#lost(port, error.message);
      else if (port === this.#port) this.#opened(port, path);
      else port.close();
    });
  }

  #opened(port: Port, path: string): void {
    const { delimiter, maxFrameBytes, reset } = this.#options;
    this.#said = '';
    if (reset) resetBoard(port);
    const limit = new FrameLimit(delimiter, maxFrameBytes);
    const parser = new DelimiterParser({ delimiter: Buffer.of(delimiter), readableObjectMode: true });
    parser.on('data', (frame: Buffer) => {
      if (port !== this.#port) return;
      // A port that opens and is gone at once, again and again, is tried less often.
      this.#retryMs = FIRST_RETRY_MS;
      if (limit.isTooLong(frame)) this.emit('tooLong');
      else this.emit('frame', frame);
    });
    this.emit('open', path);
    // Without an end, which would have the parser give out half a frame.
    port.pipe(limit, { end: false }).pipe(parser);
  }

  /** `error` and `close` may both come, and one after the other: the first counts. */
  #lost(port: Port | undefined, reason: string): void {
    if (port !== this.#port || this.#isClosed) return;
    this.#port = undefined;
    if (port?.isOpen) port.close();
    if (reason !== this.#said) this.emit('gone', reason);
    this.#said = reason;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#try(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS);
  }
}
