import { Aedes, type AedesPublishPacket, type Client, type PublishPacket } from 'aedes';
import type { PublishOptions } from '../transport.js';
import { Exchange } from './exchange.js';
import { SessionStore } from './session-store.js';

export interface HubAedesOptions {
  readonly connectTimeoutMs: number;
  /** Counts messages that a session had to drop. */
  readonly dropped: (messages: number) => void;
  /** Called whenever somebody subscribes or unsubscribes. */
  readonly subscriptionsChanged: () => void;
  readonly now: () => number;
}

/** A client that takes none of what was written to it for so long is cut off. */
const DRAIN_TIMEOUT_MS = 60_000;
/** Packets that a client may send behind its CONNECT before it was answered. */
const QUEUE_LIMIT = 1_000;

/**
 * aedes, with only the hub as publisher, and its messages handed on in the order in which they were published. aedes'
 * own way of publishing waits at several places for promises, more often for a retained message than for another;
 * the one that is overtaken is then taken for a duplicate, and never delivered.
 */
export class HubAedes extends Aedes {
  readonly sessions: SessionStore;
  readonly exchange: Exchange;
  #published = 0;

  constructor({ connectTimeoutMs, dropped, subscriptionsChanged, now }: HubAedesOptions) {
    const sessions = new SessionStore({ dropped, now });
    const exchange = new Exchange(subscriptionsChanged);
    super({
      mq: exchange,
      persistence: sessions,
      connectTimeout: connectTimeoutMs,
      drainTimeout: DRAIN_TIMEOUT_MS,
      queueLimit: QUEUE_LIMIT,
    });
    this.sessions = sessions;
    this.exchange = exchange;
  }

  isWanted(topic: string): boolean {
    return this.exchange.isWanted(topic) || this.sessions.isWanted(topic);
  }

  /** Publishes a message of the hub. */
  send(topic: string, payload: Buffer, { qos, retain, isFleeting = false }: PublishOptions): void {
    this.#published += 1;
    const packet: AedesPublishPacket = {
      cmd: 'publish',
      brokerId: this.id,
      brokerCounter: this.#published,
      topic,
      payload,
      qos,
      retain,
      dup: false,
    };
    if (retain) this.sessions.retained.put(packet);
    if (qos > 0) this.sessions.enqueue(packet, this.#published, isFleeting);
    this.exchange.send(packet);
  }

  /**
   * What aedes calls for messages and wills of clients, which the hub has taken or ignored by now (authorizePublish),
   * and for its own `$SYS` topics, which nobody needs.
   */
  override publish(
    _packet: PublishPacket,
    client: Client | null | ((error?: Error) => void),
    done?: (error?: Error) => void,
  ): void {
    if (typeof client === 'function') client();
    else done?.();
  }

  /** Closes all connections. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      this.close(resolve);
    });
  }
}
