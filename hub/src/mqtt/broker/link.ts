import type { ConnectPacket } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { ClientStream } from './client-stream.js';
import type { Member } from './log-in.js';
import { Outbox } from './outbox.js';

/** A connection that has logged in, and may publish. */
export type Publisher = Link & { readonly member: Member };

/** One connection, from its first byte. */
export class Link {
  readonly stream: ClientStream;
  readonly outbox: Outbox;
  /** Aborted when it has ended. */
  readonly end = new AbortController();
  /** Its CONNECT. */
  connect: ConnectPacket | null = null;
  /** Null before the log-in. */
  member: Member | null = null;
  /** What aedes knows it by: scope and client identifier. */
  id = '';
  /** The same for connections of which one took the other over. */
  line: object = {};
  readonly #filters = new Map<string, number>();
  #qos: 0 | 1 | null = null;
  #hasComplained = false;

  constructor(stream: ClientStream) {
    this.stream = stream;
    this.outbox = new Outbox(stream);
  }

  /** What it has subscribed to, with which QoS. */
  get filters(): ReadonlyMap<string, number> {
    return this.#filters;
  }

  /** The QoS of all its filters, as far as the hub's messages go; null where they differ. */
  get qos(): 0 | 1 | null {
    return this.#qos;
  }

  subscribe(filter: string, qos: number): void {
    this.#filters.set(filter, qos);
    this.#qos = qosOf(this.#filters);
  }

  unsubscribe(filters: readonly string[]): void {
    for (const filter of filters) this.#filters.delete(filter);
    this.#qos = qosOf(this.#filters);
  }

  /** Whether it has logged in. */
  isPublisher(): this is Publisher {
    return this.member !== null;
  }

  /** Once for each connection: a client that goes on would fill the log. */
  complain(log: Pick<FastifyBaseLogger, 'warn'>, text: string): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    log.warn({ client: this.member?.name, address: this.stream.address }, `MQTT: ${text}`);
  }
}

function qosOf(filters: ReadonlyMap<string, number>): 0 | 1 | null {
  const values = new Set([...filters.values()].map((qos) => (qos > 0 ? 1 : 0)));
  const [first] = values;
  return values.size === 1 && first !== undefined ? first : null;
}

/** A topic of a client, fit for the log. */
export function shown(topic: string): string {
  return JSON.stringify(topic.length > 200 ? `${topic.slice(0, 200)}…` : topic);
}
