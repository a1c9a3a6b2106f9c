import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** A telemetry message as it came, and from whom. */
export interface Received {
  readonly device: string;
  readonly message: Readonly<Record<string, unknown>> & { readonly seq: number };
}

/**
 * The least of a hub that a fleet needs, for tests: it registers devices, welcomes their uplinks, and acks
 * what comes at once. `received` holds each message, in order.
 */
export class StandInHub {
  readonly received: Received[] = [];
  /** Device id to token. */
  readonly registered = new Map<string, string>();
  readonly apiToken = 'fla_admin';
  /** Set to change what is answered to a message; by default its ack. */
  answer: (received: Received, boot: string) => readonly object[] = ({ message }, boot) => [
    { type: 'ack', boot, seq: message.seq },
  ];
  readonly #http: Server = createServer((request, response) => void this.#api(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #waiting: { isDone: () => boolean; resolve: () => void }[] = [];
  readonly #acked = new Map<string, number>();

  async open(): Promise<void> {
    this.#http.on('upgrade', (request, socket, head) => {
      const device = this.#deviceOf(request);
      if (device === undefined) return socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      this.#sockets.handleUpgrade(request, socket, head, (connected) => this.#serve(device, connected));
    });
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
  }

  get url(): string {
    const address = this.#http.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  /** Resolves as soon as `isDone` holds, looked at with every message. */
  until(isDone: () => boolean): Promise<void> {
    if (isDone()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isDone, resolve }));
  }

  /** Ends all connections, as a network that fails. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  close(): void {
    this.cut();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  #deviceOf(request: IncomingMessage): string | undefined {
    const token = request.headers.authorization?.replace('Bearer ', '');
    for (const [device, known] of this.registered) if (known === token) return device;
    return undefined;
  }

  #serve(device: string, socket: WebSocket): void {
    let boot = '';
    const write = (message: object) => socket.send(JSON.stringify(message));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'hello') {
        boot = message.boot;
        const ack = this.#acked.get(`${device}/${boot}`) ?? null;
        write({
          type: 'welcome',
          session: 's',
          time: Date.now(),
          ack,
          window: 256,
          maxFrame: 65_536,
          heartbeat: 20_000,
          reconnect: [1, 10],
        });
        return;
      }
      const received = { device, message };
      this.received.push(received);
      for (const answer of this.answer(received, boot)) write(answer);
      this.#acked.set(`${device}/${boot}`, message.seq);
      for (const { isDone, resolve } of this.#waiting) if (isDone()) resolve();
    });
  }

  async #api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${this.apiToken}`)
      return answer(401, { code: 'unauthorized' });
    const [, id] = /^\/api\/v1\/devices\/([^/]+)\/tokens$/.exec(request.url ?? '') ?? [];
    const device: string = id ?? JSON.parse(text).id;
    if (id === undefined && this.registered.has(device)) return answer(409, { code: 'device_exists' });
    const token = `fld_${device}_${this.registered.has(device) ? 'second' : 'first'}`;
    this.registered.set(device, token);
    answer(201, { token });
  }
}
