import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request that goes through the proxy. */
export interface ProxiedRequest {
  readonly path: string;
  readonly headers: Readonly<IncomingMessage['headers']>;
  /** Unpacked. */
  readonly body: string;
}

/** What happens to a request instead of reaching the server; undefined lets it through. */
export type Fault =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** Never answered. */
  | 'hang'
  /** Reset before an answer. */
  | 'reset'
  /** It reaches the server; the connection is reset in the middle of its answer. */
  | 'reset-in-answer'
  /** It reaches the server; the answer waits until the next request has come. */
  | 'wait-for-next'
  | undefined;

/** An HTTP proxy before a real server, that makes trouble when it is told to. */
export class FaultyProxy {
  /** Decides about each request. */
  fault: (request: ProxiedRequest) => Fault = () => undefined;
  /** Every request that came, also those that did not get through. */
  readonly requests: ProxiedRequest[] = [];
  /** Connections that were opened to it. */
  connections = 0;
  readonly #target: () => string;
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  /** @param target the address of the server behind it */
  constructor(target: () => string) {
    this.#target = target;
    this.#server = createServer((incoming, answer) => {
      this.#handle(incoming, answer).catch(() => incoming.socket.destroy());
    });
    this.#server.on('connection', () => this.connections++);
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many requests came whose path begins so. */
  count(path: string): number {
    return this.requests.filter((one) => one.path.startsWith(path)).length;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const sent = await bytesOf(incoming);
    const isPacked = incoming.headers['content-encoding'] === 'gzip';
    const path = incoming.url ?? '/';
    const body = (isPacked ? gunzipSync(sent) : sent).toString('utf8');
    const one = { path, headers: incoming.headers, body };
    this.requests.push(one);
    for (const go of this.#waiting.splice(0)) go();
    const next = new Promise<void>((resolve) => this.#waiting.push(resolve));
    const fault = this.fault(one);
    if (fault === 'hang') return;
    if (fault === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (typeof fault === 'object') {
      answer.writeHead(fault.status, { ...fault.headers }).end(fault.body ?? '');
      return;
    }
    const { status, headers, body: told } = await this.#pass(incoming, sent);
    if (fault === 'wait-for-next') await next;
    if (fault === 'reset-in-answer') {
      answer.writeHead(200, { 'content-length': 1_000 }).write('{"results":');
      incoming.socket.resetAndDestroy();
      return;
    }
    answer.writeHead(status, headers).end(told);
  }

  async #pass(incoming: IncomingMessage, sent: Buffer) {
    const { method, url, headers } = incoming;
    const call = request(`${this.#target()}${url}`, { ...(method && { method }), headers, agent: false });
    call.end(sent);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const { connection: _, 'transfer-encoding': __, ...kept } = response.headers;
    return { status: response.statusCode ?? 500, headers: kept, body: await bytesOf(response) };
  }
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
