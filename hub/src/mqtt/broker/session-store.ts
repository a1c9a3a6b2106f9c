import { Readable } from 'node:stream';
import type { AedesPublishPacket, Subscription } from 'aedes';
import { FilterTree } from './filter-tree.js';
import { Retained } from './retained.js';
import { type Outgoing, SESSION_LIMITS, Session } from './session.js';

/** Sessions that are kept, also empty ones of devices that only publish; and of one owner. */
const MAX_SESSIONS = 20_000;
const MAX_OF_ONE = 8;
/** What all sessions may hold back together, in equal shares. */
const MAX_BYTES = 67_108_864;
/** How long a session is kept for a client that does not come back. */
const EXPIRY_MS = 24 * 3_600_000;
/** How often that is looked at, at the most: a whole fleet may come at once. */
const EXPIRY_CHECK_MS = 60_000;

/** What aedes tells a client by. */
interface ById {
  readonly id: string;
}

export interface SessionStoreOptions {
  /** Counts messages that are dropped. */
  readonly dropped: (messages: number) => void;
  readonly now: () => number;
}

/**
 * What aedes calls its persistence: sessions and retained messages, in memory and bounded. It takes the place of
 * aedes-persistence, which has no limits, finds a message by walking the queue, and keeps every filter of a SUBSCRIBE
 * of which one was granted, whatever the others are.
 */
export class SessionStore {
  readonly retained = new Retained();
  readonly #options: SessionStoreOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #byScope = new Map<string, Set<Session>>();
  readonly #subscribed = new FilterTree<Session>();
  /** Those that may hold something back. */
  readonly #listening = new Set<Session>();
  /** Packet identifiers of QoS 2 messages of clients without a session. */
  readonly #incoming = new Map<string, Set<number>>();

  #checkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: SessionStoreOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(clientId: string): Session | undefined {
    return this.#sessions.get(clientId);
  }

  /**
   * Gives a connection its session, the one that there is or a new one; or, with `clean`, ends it.
   * @returns false when there is no room for another one
   */
  begin(clientId: string, scope: string, connection: object, clean: boolean): boolean {
    if (clean) {
      this.remove(clientId);
      return true;
    }
    this.#expire();
    let session = this.#sessions.get(clientId);
    if (session === undefined) {
      if (!this.#makeRoom(scope)) return false;
      session = new Session(clientId, scope);
      this.#sessions.set(clientId, session);
      const own = this.#byScope.get(scope) ?? new Set();
      this.#byScope.set(scope, own.add(session));
    }
    session.begin(connection);
    return true;
  }

  /** A connection ended. Its session waits for the next one, unless that has taken it already. */
  leave(clientId: string, connection: object): void {
    const session = this.#sessions.get(clientId);
    if (session?.connection !== connection) return;
    session.connection = null;
    session.leftAt = this.#options.now();
  }

  /** Forgets a session with all that it holds. */
  remove(clientId: string): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    for (const filter of session.filters.keys()) this.#subscribed.remove(filter, session);
    this.#listening.delete(session);
    this.#sessions.delete(clientId);
    const own = this.#byScope.get(session.scope);
    own?.delete(session);
    if (own?.size === 0) this.#byScope.delete(session.scope);
  }

  /** Forgets all sessions of an owner who is not let in any more. */
  removeOf(scope: string): void {
    for (const { clientId } of this.#byScope.get(scope) ?? []) this.remove(clientId);
  }

  /** Forgets the sessions whose clients have been away for too long. */
  #expire(): void {
    const nowMs = this.#options.now();
    if (Math.abs(nowMs - this.#checkedAtMs) < EXPIRY_CHECK_MS) return;
    this.#checkedAtMs = nowMs;
    const before = nowMs - EXPIRY_MS;
    for (const session of this.#sessions.values()) {
      if (session.connection === null && session.leftAt < before) this.#drop(session);
    }
  }

  /** Notes a subscription that was granted. */
  subscribe(clientId: string, filter: string, qos: 0 | 1 | 2): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    session.filters.set(filter, qos);
    if (qos > 0) this.#subscribed.add(filter, session);
    else this.#subscribed.remove(filter, session);
    this.#countIn(session);
  }

  /** Whether a session keeps messages of this topic. */
  isWanted(topic: string): boolean {
    return this.#subscribed.match(topic).length > 0;
  }

  /** Keeps a message for all sessions that want it. @param isFleeting only while their clients are connected */
  enqueue(packet: AedesPublishPacket, counter: number, isFleeting = false): void {
    const sessions = this.#subscribed.match(packet.topic);
    if (sessions.length === 0) return;
    const share = Math.min(SESSION_LIMITS.bytes, MAX_BYTES / this.#listening.size);
    for (const session of new Set(sessions)) {
      if (isFleeting && session.connection === null) continue;
      const dropped = session.enqueue(packet, counter, share, isFleeting);
      if (dropped > 0) this.#options.dropped(dropped);
    }
  }

  // What aedes calls, by the names that it calls it.

  async setup(_broker: unknown): Promise<void> {}

  /** Nothing to do: {@link subscribe} notes each filter as it is granted. */
  async addSubscriptions(_client: ById, _subscriptions: readonly Subscription[]): Promise<void> {}

  async removeSubscriptions({ id }: ById, filters: readonly string[]): Promise<void> {
    const session = this.#sessions.get(id);
    for (const filter of filters) {
      if (session?.filters.delete(filter)) this.#subscribed.remove(filter, session);
    }
    if (session) this.#countIn(session);
  }

  async subscriptionsByClient({ id }: ById): Promise<{ topic: string; qos: 0 | 1 | 2 }[]> {
    return [...(this.#sessions.get(id)?.filters ?? [])].map(([topic, qos]) => ({ topic, qos }));
  }

  async cleanSubscriptions({ id }: ById): Promise<void> {
    this.remove(id);
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.retained.matching(filters));
  }

  outgoingStream({ id }: ById): Readable {
    return Readable.from(this.#sessions.get(id)?.replay() ?? []);
  }

  /** Resolves when the packet is to be written; never, when it is not. A PUBREL that nothing asked for fails. */
  async outgoingUpdate({ id }: ById, packet: Outgoing & { readonly cmd?: string }): Promise<void> {
    if (packet.cmd === 'pubrel') throw new Error('PUBREC for a message that was not of QoS 2');
    if (this.#sessions.get(id)?.send(packet) === false) await new Promise(() => {});
  }

  async outgoingClearMessageId({ id }: ById, packet: Outgoing): Promise<undefined> {
    this.#sessions.get(id)?.settle(packet);
    return undefined;
  }

  /** Whether this QoS 2 message was taken, and not yet released. */
  hasIncoming(clientId: string, packetId: number): boolean {
    return this.#incomingOf(clientId)?.has(packetId) ?? false;
  }

  async incomingStorePacket({ id }: ById, { messageId = 0 }: Outgoing): Promise<void> {
    let ids = this.#incomingOf(id);
    if (ids === undefined) {
      ids = new Set();
      this.#incoming.set(id, ids);
    }
    if (ids.size >= SESSION_LIMITS.incoming)
      throw new Error('too many QoS 2 messages that were not released');
    ids.add(messageId);
  }

  async incomingGetPacket({ id }: ById, { messageId = 0 }: Outgoing): Promise<Outgoing> {
    if (!this.hasIncoming(id, messageId)) throw new Error('no such packet');
    return { messageId };
  }

  async incomingDelPacket({ id }: ById, { messageId = 0 }: Outgoing): Promise<void> {
    this.#incomingOf(id)?.delete(messageId);
  }

  async cleanIncoming({ id }: ById): Promise<void> {
    this.#incoming.delete(id);
  }

  /** aedes keeps the will of a connection itself; a hub that comes back has none of another run to publish. */
  async putWill(_client: ById, _packet: unknown): Promise<void> {}

  async delWill(_client: ById): Promise<undefined> {
    return undefined;
  }

  streamWill(): Readable {
    return Readable.from([]);
  }

  #incomingOf(clientId: string): Set<number> | undefined {
    return this.#sessions.get(clientId)?.incoming ?? this.#incoming.get(clientId);
  }

  /** Makes room for another session of this owner: the one goes whose client has been away the longest. */
  #makeRoom(scope: string): boolean {
    const own = this.#byScope.get(scope);
    if (own && own.size >= MAX_OF_ONE && !this.#dropLongestAway(own)) return false;
    return this.#sessions.size < MAX_SESSIONS || this.#dropLongestAway(this.#sessions.values());
  }

  #countIn(session: Session): void {
    if (session.isListening) this.#listening.add(session);
    else this.#listening.delete(session);
  }

  #dropLongestAway(sessions: Iterable<Session>): boolean {
    let longest: Session | undefined;
    for (const session of sessions) {
      if (session.connection === null && session.leftAt < (longest?.leftAt ?? Number.POSITIVE_INFINITY)) {
        longest = session;
      }
    }
    if (longest !== undefined) this.#drop(longest);
    return longest !== undefined;
  }

  #drop(session: Session): void {
    this.#options.dropped(session.waiting);
    this.remove(session.clientId);
  }
}
