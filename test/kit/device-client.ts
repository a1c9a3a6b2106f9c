import { json } from 'node:stream/consumers';
import { decodeCbor, encodeCbor, SUBPROTOCOL_CBOR } from '@fieldline/protocol';
import { type RawData, WebSocket } from 'ws';
import type { TlsClient } from './client-fetch.js';
import { deadline } from './deadline.js';

/** A message of the hub, as it stands on the wire. */
export type Message = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface ConnectOptions {
  /** Path and query; the device socket by default. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  /** False for a client that does not answer pings. */
  readonly autoPong?: boolean;
  /** Where the server speaks TLS. */
  readonly tls?: TlsClient;
  /** The address that it comes from. */
  readonly localAddress?: string;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket client that promises nothing: it sends what it is told and keeps what comes. CBOR where that was agreed on. */
export class DeviceClient {
  readonly socket: WebSocket;
  /** Everything that came, in order. */
  readonly messages: Message[] = [];
  readonly closed: Promise<Closed>;
  #read = 0;
  #end: Closed | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: RawData) => {
      const message = this.#speaksCbor ? decodeCbor(data as Buffer) : JSON.parse(String(data));
      this.messages.push(message as Message);
      this.#wake?.();
    });
    // A broken connection is told of by `close` as well.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#end = { code, reason: String(reason) };
        this.#wake?.();
        resolve(this.#end);
      });
    });
  }

  /** Connects. @throws Error with the status when the upgrade is refused */
  static async connect(url: string, options: ConnectOptions = {}): Promise<DeviceClient> {
    const socket = open(url, options);
    const client = new DeviceClient(socket);
    const opened = new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.on('error', reject);
      socket.once('unexpected-response', (_, response) => {
        reject(new Error(`upgrade refused: ${response.statusCode}`));
        socket.terminate();
      });
    });
    await deadline(opened, () => `${url} to open`);
    return client;
  }

  send(message: object | string | Uint8Array): void {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array;
    const encode = this.#speaksCbor ? encodeCbor : JSON.stringify;
    this.socket.send(isRaw ? message : encode(message));
  }

  get #speaksCbor(): boolean {
    return this.socket.protocol === SUBPROTOCOL_CBOR;
  }

  /** Says hello and answers the welcome. */
  async hello(fields: Readonly<Record<string, unknown>> = {}): Promise<Message> {
    this.send({ type: 'hello', ...fields });
    return this.take('welcome');
  }

  /** The next message that was not taken yet. @throws Error when the connection ends first */
  async next(): Promise<Message> {
    return deadline(this.#next(), () => `a message; so far: ${this.#seen()}`);
  }

  /** Takes messages until one is of this type; those before it are passed over. */
  async take(type: string): Promise<Message> {
    return deadline(this.#take(type), () => `a ${type}; so far: ${this.#seen()}`);
  }

  /** Waits for the ack of a message number. */
  async acked(seq: number): Promise<Message> {
    for (;;) {
      const ack = await this.take('ack');
      if ((ack.seq as number) >= seq) return ack;
    }
  }

  /** Closes in order and waits for the end. */
  async close(): Promise<Closed> {
    this.socket.close();
    return this.end();
  }

  /** Waits for the end, whoever brings it about. */
  async end(): Promise<Closed> {
    return deadline(this.closed, () => `the connection to end; so far: ${this.#seen()}`);
  }

  async #next(): Promise<Message> {
    for (;;) {
      const message = this.messages[this.#read];
      if (message !== undefined) {
        this.#read += 1;
        return message;
      }
      if (this.#end !== undefined) {
        throw new Error(`the connection ended with ${this.#end.code}; it brought: ${this.#seen()}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #take(type: string): Promise<Message> {
    for (;;) {
      const message = await this.#next();
      if (message.type === type) return message;
    }
  }

  #seen(): string {
    return this.messages
      .slice(-10)
      .map((message) => JSON.stringify(message))
      .join(' ');
  }
}

/** How an upgrade was refused. */
export interface Refusal {
  readonly status: number;
  /** Of the problem document. */
  readonly code: string | undefined;
  readonly retryAfter: string | undefined;
}

/** An upgrade that must be refused: the answer of HTTP. */
export async function refusedUpgrade(url: string, options: ConnectOptions = {}): Promise<Refusal> {
  const socket = open(url, options);
  const answer = new Promise<Refusal>((resolve, reject) => {
    socket.on('error', reject);
    socket.once('open', () => {
      reject(new Error('the upgrade was not refused'));
      socket.terminate();
    });
    socket.once('unexpected-response', (_, response) => {
      const { statusCode: status = 0, headers } = response;
      json(response).then(
        (problem) =>
          resolve({ status, code: (problem as { code?: string }).code, retryAfter: headers['retry-after'] }),
        reject,
      );
    });
  });
  return deadline(answer, () => 'a refusal').finally(() => socket.terminate());
}

function open(url: string, options: ConnectOptions): WebSocket {
  const { path = '/ws/v1/device', headers, protocols, token, autoPong = true, tls, localAddress } = options;
  return new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, [...(protocols ?? [])], {
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    perMessageDeflate: false,
    autoPong,
    ...tls,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
}
