import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { deadline } from './deadline.js';

/** Things that come, each to be taken once. */
class Arrivals<Item> {
  readonly #items: Item[] = [];
  #wake: () => void = () => undefined;

  add(item: Item): void {
    this.#items.push(item);
    this.#wake();
  }

  get waiting(): number {
    return this.#items.length;
  }

  take(matches: (item: Item) => boolean, what: string): Promise<Item> {
    const wait = async (): Promise<Item> => {
      for (;;) {
        const at = this.#items.findIndex(matches);
        if (at >= 0) return this.#items.splice(at, 1)[0] as Item;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    return deadline(wait(), () => `${what}; there was ${JSON.stringify(this.#items)}`);
  }
}

/** What was posted. */
export interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: {
    readonly id: string;
    readonly event: string;
    readonly text: string;
    readonly alarm: Readonly<Record<string, unknown>>;
  };
  /** What it was answered with. */
  readonly status: number;
}

/** A web server that takes what is posted, and answers as it is told. */
export class WebhookReceiver {
  readonly posted = new Arrivals<Posted>();
  status = 200;
  location: string | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (part: string) => {
        text += part;
      });
      request.on('end', () => {
        const { status, location } = this;
        this.posted.add({ headers: request.headers, text, body: JSON.parse(text || '{}'), status });
        response.writeHead(status, location === undefined ? {} : { location }).end();
      });
    });
  }

  static async listen(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?key=secret`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A mail server that takes everything while it is there. */
export class MailReceiver {
  readonly mails = new Arrivals<string>();
  #server: SMTPServer | undefined;
  #port = 0;

  /** On the same port as before. */
  async open(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      closeTimeout: 100,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _session, done) => {
        let text = '';
        stream.setEncoding('utf8');
        stream.on('data', (part: string) => {
          text += part;
        });
        stream.on('end', () => {
          this.mails.add(text);
          done();
        });
      },
    });
    server.on('error', () => undefined); // a client that hung up
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', () => resolve()));
    this.#port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  get port(): number {
    return this.#port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
    this.#server = undefined;
  }
}
