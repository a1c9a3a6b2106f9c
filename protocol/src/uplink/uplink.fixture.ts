import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { UplinkClock, UplinkOptions } from './options.js';
import { Uplink } from './uplink.js';

export type Message = Record<string, unknown> & { type: string };

const WELCOME = {
  type: 'welcome',
  session: 'a1',
  time: 1_767_225_600_123,
  ack: null,
  window: 256,
  maxFrame: 65_536,
  heartbeat: 20_000,
  reconnect: [1, 3],
};

/** One connection as the hub sees it: messages in order, read one by one. */
export class Peer {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly #queue: Message[] = [];
  #wake: () => void = () => {};

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.socket = socket;
    this.request = request;
    socket.on('message', (data) => {
      this.#queue.push(JSON.parse(data.toString()));
      this.#wake();
    });
  }

  async next(): Promise<Message> {
    while (this.#queue.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#queue.shift() as Message;
  }

  async take(count: number): Promise<Message[]> {
    const messages: Message[] = [];
    while (messages.length < count) messages.push(await this.next());
    return messages;
  }

  /** Messages that arrived and nobody has read. A pong shows that everything sent before has arrived. */
  async rest(): Promise<Message[]> {
    this.socket.ping();
    await once(this.socket, 'pong');
    return this.#queue.splice(0);
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  async welcome(fields: object = {}): Promise<Message> {
    const hello = await this.next();
    this.send({ ...WELCOME, ...fields });
    return hello;
  }

  ack(hello: Message, seq: number): void {
    this.send({ type: 'ack', boot: hello.boot, seq });
  }
}

/** A clock that stands still, with the one timer that an uplink has armed. */
export class ManualClock implements UplinkClock {
  nowMs = 0;
  armedMs = -1;
  #call: () => void = () => {};

  now = () => this.nowMs;
  monotonic = () => this.nowMs;
  after(ms: number, call: () => void): () => void {
    this.armedMs = ms;
    this.#call = call;
    return () => {
      if (this.#call === call) this.#call = () => {};
    };
  }
  fire(): void {
    this.#call();
  }
}

/** Why the hub refuses an upgrade. */
export interface Refusal {
  readonly status: number;
  /** Seconds, as in the header. */
  readonly retryAfter?: string;
}

/** A hub that does only what the test says, and uplinks to it. */
export class ScriptedHub {
  /** Asked about every upgrade; undefined lets it in. */
  refuse: (request: IncomingMessage) => Refusal | undefined = () => undefined;
  readonly #server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: ({ req }: { req: IncomingMessage }, answer) => {
      const refusal = this.refuse(req);
      if (refusal === undefined) return answer(true);
      const { status, retryAfter } = refusal;
      answer(false, status, 'no', retryAfter === undefined ? {} : { 'retry-after': retryAfter });
    },
  });
  readonly #peers: Peer[] = [];
  #arrived: () => void = () => {};

  async open(): Promise<void> {
    this.#server.on('connection', (socket, request) => {
      this.#peers.push(new Peer(socket, request));
      this.#arrived();
    });
    await once(this.#server, 'listening');
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  /** The next connection, in the order they were made. */
  async connection(): Promise<Peer> {
    while (this.#peers.length === 0) await new Promise<void>((resolve) => (this.#arrived = resolve));
    return this.#peers.shift() as Peer;
  }

  /** An uplink to this hub, not opened; closed when the test is over. */
  uplink(options: Partial<UplinkOptions> = {}): Uplink {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const reconnect = { minMs: 1, maxMs: 3 };
    const uplink = new Uplink({ url, device: 'd1', token: 'secret', reconnect, ...options });
    onTestFinished(() => uplink.close());
    return uplink;
  }

  /** An uplink that is welcomed, with the hub's end of its connection. `fields` go into the welcome. */
  async welcomed(options: Partial<UplinkOptions> = {}, fields: object = {}) {
    const uplink = this.uplink(options);
    uplink.open();
    const peer = await this.connection();
    const [hello] = await Promise.all([peer.welcome(fields), once(uplink, 'welcome')]);
    return { uplink, peer, hello };
  }
}

export function seqs(messages: readonly Message[]): unknown[] {
  return messages.map((message) => message.seq);
}
