import type { AedesPublishPacket } from 'aedes';

/** What one session may hold back at the most: about a second of a large hub, or a day of a few devices. */
export const SESSION_LIMITS = { messages: 4_096, bytes: 1_048_576, incoming: 1_000 } as const;

/** About what an entry of the queue takes beside its topic and payload. */
const ENTRY_BYTES = 200;
const MAX_PACKET_ID = 65_535;

/** The packet identifier that marks a message of {@link Session.replay}, until it gets a real one. */
const REPLAYED = MAX_PACKET_ID + 1;

/** A message that its client has not confirmed. */
interface Entry {
  readonly packet: AedesPublishPacket;
  readonly bytes: number;
  /** Of no use to the next connection. */
  readonly isFleeting: boolean;
  /** Of its PUBLISH on the connection there is now; null while it has not been written. */
  packetId: number | null;
  /** Whether it is on its way to that connection. */
  isSent: boolean;
}

/** A packet that aedes is about to write. */
export interface Outgoing {
  brokerCounter?: number;
  messageId?: number | undefined;
}

/**
 * What is kept for a client that connected with `clean=false` (MQTT 3.1.1 §3.1.2.4): its subscriptions, and what was
 * published for them with QoS 1 and is not confirmed. At the limit the oldest messages go.
 *
 * Messages are told apart by aedes' `brokerCounter`, and go out in its order: what is published while the older ones
 * are being sent after a reconnect is sent behind them.
 */
export class Session {
  readonly clientId: string;
  /** Whose it is. */
  readonly scope: string;
  readonly filters = new Map<string, 0 | 1 | 2>();
  /** Packet identifiers of QoS 2 messages that were taken, and not yet released. */
  readonly incoming = new Set<number>();
  /** The connection that it belongs to; null while the client is away. */
  connection: object | null = null;
  /** ms since 1970; when the client left. */
  leftAt = 0;
  /** In the order in which they were published. */
  readonly #queue = new Map<number, Entry>();
  readonly #byPacketId = new Map<number, number>();
  #bytes = 0;
  #lastPacketId = 0;
  #isReplaying = false;
  #replayed: () => void = () => {};

  constructor(clientId: string, scope: string) {
    this.clientId = clientId;
    this.scope = scope;
  }

  /** Messages that wait for their confirmation. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Whether there is anything that it would keep messages of. */
  get isListening(): boolean {
    for (const qos of this.filters.values()) if (qos > 0) return true;
    return false;
  }

  /** Keeps a message until it is confirmed, with what else fits into `maxBytes`. @returns how many had to go */
  enqueue(packet: AedesPublishPacket, counter: number, maxBytes: number, isFleeting = false): number {
    const bytes = packet.topic.length + packet.payload.length + ENTRY_BYTES;
    this.#queue.set(counter, { packet, bytes, isFleeting, packetId: null, isSent: false });
    this.#bytes += bytes;
    let dropped = 0;
    while (this.#queue.size > SESSION_LIMITS.messages || this.#bytes > maxBytes) {
      const [oldest] = this.#queue.keys();
      if (oldest === undefined) break;
      this.#remove(oldest);
      dropped += 1;
    }
    return dropped;
  }

  /** A packet identifier that no message under way has. */
  takePacketId(): number {
    do this.#lastPacketId = (this.#lastPacketId % MAX_PACKET_ID) + 1;
    while (this.#byPacketId.has(this.#lastPacketId));
    return this.#lastPacketId;
  }

  /** A connection takes the session over: it gets everything through {@link replay}, until that has caught up. */
  begin(connection: object): void {
    this.connection = connection;
    this.#isReplaying = true;
    this.#byPacketId.clear();
    for (const [counter, entry] of this.#queue) {
      if (entry.isFleeting) this.#remove(counter);
      else Object.assign(entry, { packetId: null, isSent: false });
    }
  }

  /**
   * What waits, oldest first, and all that is published meanwhile. Each gets a new packet identifier: to the client it
   * is a new message, as QoS 1 allows.
   */
  async *replay(): AsyncGenerator<Outgoing> {
    // A Map's iterator sees what is added while it runs.
    for (const [brokerCounter, entry] of this.#queue) {
      entry.isSent = true;
      const written = new Promise<void>((resolve) => {
        this.#replayed = resolve;
      });
      yield { ...entry.packet, brokerCounter, messageId: REPLAYED };
      await written;
    }
    this.#isReplaying = false;
  }

  /**
   * Gives a packet that is about to be written its identifier.
   * @returns false when it must not be written: it is sent by {@link replay}, or was
   */
  send(packet: Outgoing): boolean {
    const { brokerCounter = 0, messageId } = packet;
    const entry = this.#queue.get(brokerCounter);
    if (messageId === REPLAYED) this.#replayed();
    else if (entry !== undefined && (this.#isReplaying || entry.isSent)) return false;
    packet.messageId = this.takePacketId();
    if (entry === undefined) return true; // dropped since: it goes out once, unconfirmed
    entry.isSent = true;
    entry.packetId = packet.messageId;
    this.#byPacketId.set(packet.messageId, brokerCounter);
    return true;
  }

  /** A message was confirmed. (aedes calls this without an identifier for one that goes out another way, too.) */
  settle({ messageId }: Outgoing): void {
    const counter = messageId === undefined ? undefined : this.#byPacketId.get(messageId);
    if (counter !== undefined) this.#remove(counter);
  }

  #remove(counter: number): void {
    const entry = this.#queue.get(counter);
    if (entry === undefined) return;
    this.#queue.delete(counter);
    this.#bytes -= entry.bytes;
    if (entry.packetId !== null) this.#byPacketId.delete(entry.packetId);
  }
}
