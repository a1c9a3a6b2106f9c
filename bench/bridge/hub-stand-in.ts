import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

type Values = Readonly<Record<string, unknown>>;

/** What the bridge's devices sent, as the frames came in. The token of each is its id. */
export class HubStandIn {
  readonly #server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  readonly #received: (device: string, values: Values, atMs: number) => void;
  #frames = 0;

  /** @param received gets each reading, with the time (performance.now) at which its frame came */
  constructor(received: (device: string, values: Values, atMs: number) => void) {
    this.#received = received;
  }

  get frames(): number {
    return this.#frames;
  }

  /** Its address. */
  async open(): Promise<string> {
    this.#server.on('connection', (socket, { headers }) => {
      const device = deviceOf(headers.authorization);
      socket.on('message', (data: Buffer) => this.#take(device, socket, data, performance.now()));
    });
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #take(device: string, socket: WebSocket, data: Buffer, atMs: number): void {
    const message = JSON.parse(data.toString()) as {
      type: string;
      boot?: string;
      seq?: number;
      values?: Values;
      rows?: [number, Values][];
    };
    if (message.type === 'hello') {
      boots.set(socket, message.boot ?? '');
      const welcome = {
        type: 'welcome',
        session: 's',
        time: Date.now(),
        ack: null,
        window: 256,
        maxFrame: 65_536,
      };
      socket.send(JSON.stringify({ ...welcome, heartbeat: 20_000, reconnect: [1_000, 60_000] }));
    } else if (message.type === 'telemetry') {
      this.#frames++;
      if (message.values !== undefined) this.#received(device, message.values, atMs);
      for (const [, values] of message.rows ?? []) this.#received(device, values, atMs);
      socket.send(JSON.stringify({ type: 'ack', boot: boots.get(socket), seq: message.seq }));
    }
  }
}

/** `Bearer <token>`, or `Basic` with the device and the token. */
function deviceOf(authorization = ''): string {
  const [scheme, login = ''] = authorization.split(' ');
  return scheme === 'Basic' ? (Buffer.from(login, 'base64').toString().split(':')[0] ?? '') : login;
}

const boots = new WeakMap<WebSocket, string>();
