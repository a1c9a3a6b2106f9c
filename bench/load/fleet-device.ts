import { createConnection, type Socket } from 'node:net';
import type { Credentials } from '../hub/devices.js';

/** As the most used ESP32 library does (Links2004/arduinoWebSockets): no back-off, no jitter, an impatient handshake. */
const RETRY_MS = 500;
const HANDSHAKE_MS = 5_000;

/** First bytes of frames (RFC 6455 §5.2), each the last fragment. */
const TEXT = 0x81;
const PING = 0x89;
const PONG = 0x8a;
/** Clients mask what they send; by four zeros nothing changes. */
const MASKED = 0x80;
const MASK_BYTES = 4;
/** The longest payload whose length is in the second byte. */
const SHORT = 125;

export interface FleetDeviceEvents {
  /** The hub said `welcome`. */
  readonly onWelcome: () => void;
  /** The upgrade was refused, with this HTTP status. */
  readonly onRefused: (status: number) => void;
  /** A try came to nothing: the connection broke, or took too long. */
  readonly onFailed: () => void;
}

/**
 * One of ten thousand devices: it connects, says `hello`, sends one reading when it is welcome, and answers pings.
 * Where it does not get in it tries again. It writes its few frames by itself: a client of `ws` takes so long
 * to connect that ten thousand of them would not come at once.
 */
export class FleetDevice {
  readonly #host: string;
  readonly #credentials: Credentials;
  readonly #events: FleetDeviceEvents;
  readonly #boot = Date.now().toString(36);
  #port = 0;
  #socket: Socket | null = null;
  #seq = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: string, credentials: Credentials, events: FleetDeviceEvents) {
    this.#host = host;
    this.#credentials = credentials;
    this.#events = events;
  }

  /** Connects, and goes on trying until it is in. A connection that is there is cut. */
  connect(port: number): void {
    this.#port = port;
    this.cut();
    this.#try();
  }

  /** Resets the connection: the hub hears of it at once. */
  cut(): void {
    clearTimeout(this.#timer);
    this.#socket?.removeAllListeners('close').resetAndDestroy();
    this.#socket = null;
  }

  #try(): void {
    const socket = createConnection({ host: this.#host, port: this.#port, noDelay: true });
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#again(HANDSHAKE_MS), HANDSHAKE_MS);
    let head = '';
    let isWelcome = false;
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      if (!isWelcome) this.#events.onFailed();
      this.#again(RETRY_MS);
    });
    socket.on('connect', () => socket.write(this.#upgrade()));
    socket.on('data', (data: Buffer) => {
      if (isWelcome) {
        if (data[0] === PING) socket.write(Buffer.from([PONG, MASKED, 0, 0, 0, 0]));
        return;
      }
      const wasUpgraded = head.includes('\r\n\r\n');
      head += data.toString('latin1');
      if (!wasUpgraded && head.includes('\r\n\r\n')) this.#upgraded(socket, head);
      if (!head.includes('"type":"welcome"')) return;
      isWelcome = true;
      clearTimeout(this.#timer);
      this.#events.onWelcome();
      this.#seq += 1;
      this.#say(socket, { type: 'telemetry', seq: this.#seq, values: { temperature: 21.5, battery: 3.9 } });
    });
  }

  #upgrade(): string {
    return `GET /ws/v1/device HTTP/1.1\r\nHost: ${this.#host}:${this.#port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: arduino\r\nOrigin: file://\r\nAuthorization: Bearer ${this.#credentials.token}\r\n\r\n`;
  }

  #upgraded(socket: Socket, head: string): void {
    const status = Number(head.slice(9, 12));
    if (status !== 101) {
      this.#events.onRefused(status);
      return;
    }
    const caps = ['command', 'config', 'reconnect'];
    this.#say(socket, { type: 'hello', boot: this.#boot, seq: this.#seq, firmware: 'bench', caps });
  }

  #say(socket: Socket, message: object): void {
    const text = Buffer.from(JSON.stringify(message));
    const length =
      text.length <= SHORT ? [MASKED | text.length] : [MASKED | 126, text.length >> 8, text.length & 255];
    socket.write(Buffer.concat([Buffer.from([TEXT, ...length]), Buffer.alloc(MASK_BYTES), text]));
  }

  /** The connection is over, or is given up: a new one after a fixed pause. */
  #again(pauseMs: number): void {
    this.cut();
    if (pauseMs === HANDSHAKE_MS) this.#events.onFailed();
    this.#timer = setTimeout(() => this.#try(), RETRY_MS);
  }
}
