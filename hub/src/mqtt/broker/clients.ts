import type { Duplex } from 'node:stream';
import type { AedesPublishPacket, AuthenticateError, Client, ConnectPacket, Subscription } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { ApiTokens } from '../../access/api-tokens.js';
import type { Config } from '../../config.js';
import type { DeviceAccess } from '../../devices/access.js';
import type { Attempts } from '../../devices/attempts.js';
import type { Device } from '../../devices/device.js';
import type { Presence } from '../../devices/presence.js';
import { TakeoverLimit } from '../../devices/takeover-limit.js';
import { FieldlineError } from '../../errors.js';
import type { Counters } from '../../ops/counters.js';
import type { Intakes } from '../transport.js';
import { judgePublish, mayRead, maySubscribe, type Rules } from './authorize.js';
import type { ClientStream } from './client-stream.js';
import { matches } from './filter-tree.js';
import type { HubAedes } from './hub-aedes.js';
import { Link, shown } from './link.js';
import { logIn, type Member, refusedLogIn, returnCodeOf } from './log-in.js';
import { type Publication, Publications } from './publications.js';

export interface ClientsOptions extends Intakes {
  readonly counters: Counters;
  readonly aedes: HubAedes;
  readonly config: Config;
  readonly log: FastifyBaseLogger;
  readonly presence: Presence;
  readonly apiTokens: Pick<ApiTokens, 'verify'>;
  readonly deviceAccess: DeviceAccess;
  readonly attempts: Pick<Attempts, 'note'>;
  readonly rules: Rules;
  /** Home Assistant published on its birth topic. */
  readonly onBirth: (topic: string, payload: Buffer) => void;
  /** A client is handed a message. */
  readonly onHanded: (stream: ClientStream) => void;
  /** Something of a device changed that outlives the run. */
  readonly touch: (device: Device) => void;
  readonly now: () => number;
}

/** Unsent bytes of a client, beyond which it is cut off. */
const MAX_UNSENT_BYTES = 1_048_576;
const MAX_CLIENT_ID_BYTES = 256;
const MAX_SUBSCRIPTIONS = 100;
/** Connections of one device, or with one API token. */
const MAX_CONNECTIONS = { device: 8, token: 100 } as const;
/** What a packet may have beyond a frame of the device socket. */
const FRAMES_PER_PACKET = 4;

/** The connections to the embedded broker: who they are, what they may do, and when they have to go. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #links = new Set<Link>();
  /** Also for those that have ended: aedes publishes their wills after that. */
  readonly #byStream = new WeakMap<object, Link>();
  /** The newest connection of each client. */
  readonly #byId = new Map<string, Link>();
  readonly #publications: Publications;
  /** How many connections each owner has. */
  readonly #byScope = new Map<string, number>();
  readonly #takeovers = new TakeoverLimit();
  #isStopping = false;

  constructor(options: ClientsOptions) {
    this.#options = options;
    const { aedes, log } = options;
    this.#publications = new Publications(options);
    aedes.preConnect = (client, packet, done) => {
      const link = this.#linkOf(client);
      if (link) link.connect = packet;
      if (link && !this.#isStopping) done(null, true);
      else done(new Error('nobody is let in any more'), false);
    };
    aedes.authenticate = (client, username, password, done) => {
      const failure = this.#admit(client, username, password);
      done(failure, failure === null);
    };
    aedes.authorizePublish = (client, packet, done) => {
      this.#takePublication(client, packet).then(
        () => done(),
        (error: Error) => done(error),
      );
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      done(null, this.#grants(client, subscription) ? subscription : null);
    };
    Object.assign(aedes, {
      authorizeForward: (client: Client, packet: AedesPublishPacket) => this.#forward(client, packet),
    });
    aedes.on('unsubscribe', (filters, client) => {
      this.#linkOf(client)?.unsubscribe(filters);
    });
    aedes.on('keepaliveTimeout', (client) => this.#end(client, 'timeout'));
    aedes.on('clientError', (client, error) => this.#failed(client, error));
    aedes.on('connectionError', (client, error) => this.#failed(client, error));
    aedes.on('error' as 'closed', (error?: unknown) => log.error({ err: error }, 'the MQTT broker failed'));
  }

  get size(): number {
    return this.#links.size;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Their connections. */
  *streams(): Generator<ClientStream> {
    for (const { stream } of this.#links) yield stream;
  }

  /** Takes over a connection whose address has room for it. */
  accept(stream: ClientStream): void {
    const { deviceAccess, aedes } = this.#options;
    const leave = deviceAccess.enter(stream.address);
    const link = new Link(stream);
    this.#links.add(link);
    this.#byStream.set(stream, link);
    stream.onLoggedIn = leave;
    stream.once('close', () => {
      leave();
      this.#ended(link);
    });
    aedes.handle(stream as Duplex);
  }

  /** A token is no longer good. */
  revokeToken(tokenId: string): void {
    this.#options.aedes.sessions.removeOf(`token/${tokenId}`);
    for (const { stream, member } of this.#links) {
      if (member?.tokenId === tokenId) stream.cut('unauthorized');
    }
  }

  /** A device was disabled or deleted. */
  bar(device: Device, reason: 'disabled' | 'deleted'): void {
    if (reason === 'deleted') this.#options.aedes.sessions.removeOf(`device/${device.id}`);
    for (const { stream, member } of this.#links) {
      if (member?.device === device) stream.cut('unauthorized');
    }
  }

  /** Reads from nobody any more. Resolves when all that was read has been answered. */
  async stopReading(): Promise<void> {
    this.#isStopping = true;
    for (const { stream, member } of this.#links) {
      if (member === null) stream.cut('hub_stopping');
      else stream.stopReading();
      if (member?.device) this.#options.touch(member.device);
    }
    await this.#publications.stop();
  }

  /** Ends all connections, after what was written to them has gone out, or `flushMs` is over. */
  async close(flushMs: number): Promise<void> {
    this.#isStopping = true;
    void this.#publications.stop();
    const streams = [...this.streams()];
    for (const stream of streams) stream.endReason ??= 'hub_stopping';
    const late = AbortSignal.timeout(flushMs);
    await Promise.all(streams.map((stream) => stream.flushed(late)));
    for (const stream of streams) stream.cut('hub_stopping');
  }

  /** Logs a client in. @returns what its CONNACK says against it */
  #admit(client: Client, username: string | undefined, password: Buffer | undefined) {
    const { presence, now, config, aedes, log, touch } = this.#options;
    const link = this.#linkOf(client);
    // It may have gone between its CONNECT and this.
    if (!link?.connect || link.stream.destroyed) return refusal(3, 'no connection');
    const { stream, connect } = link;
    try {
      const member = logIn(username, password, stream.address, this.#options);
      // Of two owners who chose the same client identifier neither takes the other's session over.
      const id = `${member.scope}/${connect.clientId || client.id}`;
      const fault = this.#faultOf(member, connect, id);
      if (fault !== null) {
        log.warn(
          { client: member.name, address: stream.address, reason: fault.message },
          'MQTT log-in refused',
        );
        return fault;
      }
      client.id = id;
      if (!aedes.sessions.begin(client.id, member.scope, link, connect.clean ?? true)) {
        return refusal(3, 'no room for another session');
      }
      stream.onLoggedIn?.();
      stream.ignoresAcks = connect.clean ?? true;
      stream.gauge.maxBytes = FRAMES_PER_PACKET * config.device.frameBytes;
      const older = this.#byId.get(client.id);
      this.#byId.set(client.id, link);
      this.#byScope.set(member.scope, this.#connectionsOf(member) + 1);
      link.id = client.id;
      link.member = member;
      const { device } = member;
      if (device) {
        device.address = stream.address;
        device.lastSeen = now();
        stream.onBytes = () => {
          device.lastSeen = now();
        };
        // The older connection, if there is one, leaves after this: the device does not go offline in between.
        presence.joined(device);
        touch(device);
      }
      if (older) this.#replace(older, link);
      return null;
    } catch (error) {
      const code = returnCodeOf(error);
      if (!(error instanceof FieldlineError)) log.error({ err: error }, 'an MQTT log-in failed');
      else {
        log.info({ address: stream.address, code: error.code }, 'MQTT log-in refused');
        this.#options.attempts.note(refusedLogIn(error, username, password, stream.address));
      }
      return refusal(code, error instanceof Error ? error.message : 'refused');
    }
  }

  #faultOf(member: Member, { clientId, clean, will }: ConnectPacket, id: string): AuthenticateError | null {
    if (Buffer.byteLength(clientId) > MAX_CLIENT_ID_BYTES) return refusal(2, 'client identifier too long');
    // MQTT 3.1.1 §3.1.3.1
    if (clientId === '' && !clean) return refusal(2, 'a session to keep needs a client identifier');
    const verdict = will && judgePublish(member.actor, will.topic, this.#options.rules);
    if (verdict?.kind === 'refuse' || (verdict?.kind === 'request' && will?.retain)) {
      return refusal(5, `its will may not be published on ${shown(will?.topic ?? '')}`);
    }
    const older = this.#byId.get(id);
    if (older && this.#takeovers.waitMs(older.line, this.#options.now()) > 0) {
      return refusal(3, 'it was taken over too often: do two clients use one identifier?');
    }
    const others = this.#connectionsOf(member) - (older ? 1 : 0);
    return others >= MAX_CONNECTIONS[member.actor.kind] ? refusal(3, 'too many connections') : null;
  }

  async #takePublication(client: Client | null, packet: Publication): Promise<void> {
    const link = client ? this.#linkOf(client) : undefined;
    if (!link?.isPublisher()) throw new Error('nobody publishes here');
    await this.#publications.take(link, packet);
  }

  /** The newest connection of a client wins (MQTT 3.1.1 §3.1.4). */
  #replace(older: Link, newer: Link): void {
    const { log, now } = this.#options;
    newer.line = older.line;
    this.#takeovers.count(newer.line, now());
    const { member, stream } = newer;
    log.info(
      { client: member?.name, from: older.stream.address, to: stream.address },
      'an MQTT connection was taken over',
    );
    older.stream.cut('replaced');
  }

  #connectionsOf({ scope }: Member): number {
    return this.#byScope.get(scope) ?? 0;
  }

  #grants(client: Client, { topic, qos }: Subscription): boolean {
    const link = this.#linkOf(client);
    if (!link?.member) return false;
    const { aedes, rules, counters } = this.#options;
    const hasRoom = link.filters.size < MAX_SUBSCRIPTIONS || link.filters.has(topic);
    if (!hasRoom || !maySubscribe(link.member.actor, topic, rules)) {
      counters.mqttRefused++;
      link.complain(this.#options.log, `subscribing to ${shown(topic)} was refused`);
      return false;
    }
    link.subscribe(topic, qos);
    aedes.sessions.subscribe(client.id, topic, qos);
    return true;
  }

  /** What a client gets of a message: nothing when it is not for its eyes, or when it does not read. */
  #forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const link = this.#linkOf(client);
    if (!link?.member || link.stream.destroyed) return null;
    if (!mayRead(link.member.actor, packet.topic, this.#options.rules)) return null;
    if (link.stream.unsentBytes > MAX_UNSENT_BYTES) {
      this.#options.counters.mqttSlowClients++;
      this.#options.log.warn(
        { client: link.member.name, address: link.stream.address },
        'an MQTT client does not read what it subscribed to; it was disconnected',
      );
      link.stream.cut('overrun');
      return null;
    }
    this.#options.onHanded(link.stream);
    if (client.clean && link.qos !== null && !packet.retain) {
      link.outbox.add(packet, link.qos === 0 || packet.qos === 0 ? 0 : 1);
      return null; // aedes has nothing more to do with it
    }
    link.outbox.split();
    return packet.retain ? this.#retained(link, client, packet) : packet;
  }

  /**
   * A retained message, with the QoS that was granted; aedes looks that up for filters without wildcards only. It is
   * read some time before its turn comes: what was said since then has gone out already, and must stay the last word.
   */
  #retained(link: Link, { id }: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const { sessions } = this.#options.aedes;
    const newest = sessions.retained.get(packet.topic);
    if (newest === undefined) return null;
    const isWanted = [...link.filters].some(([filter, qos]) => qos > 0 && matches(filter, packet.topic));
    const qos = isWanted ? newest.qos : 0;
    // aedes takes the packet identifier from elsewhere: it could be that of another message under way.
    const session = qos > 0 ? sessions.get(id) : undefined;
    const { payload } = newest;
    return { ...packet, payload, qos, ...(session && { messageId: session.takePacketId() }) };
  }

  #ended(link: Link): void {
    const { stream, member, id } = link;
    const { presence, aedes, log, touch } = this.#options;
    this.#links.delete(link);
    link.end.abort();
    if (this.#byId.get(id) === link) this.#byId.delete(id);
    if (member === null) return;
    const left = this.#connectionsOf(member) - 1;
    if (left > 0) this.#byScope.set(member.scope, left);
    else this.#byScope.delete(member.scope);
    aedes.sessions.leave(id, link);
    log.debug({ client: member.name, reason: stream.reason }, 'an MQTT client left');
    if (member.device === null) return;
    touch(member.device);
    presence.left(member.device, stream.reason);
  }

  #failed(client: Client, error: Error): void {
    const link = this.#linkOf(client);
    const { address } = link?.stream ?? {};
    this.#options.log.debug(
      { client: link?.member?.name, address, reason: error.message },
      'an MQTT client failed',
    );
    this.#end(client, error.message === 'drain timeout' ? 'overrun' : 'connection_lost');
  }

  #end(client: Client, reason: string): void {
    const link = this.#linkOf(client);
    if (link) link.stream.endReason ??= reason;
  }

  #linkOf({ conn }: Client): Link | undefined {
    return this.#byStream.get(conn);
  }
}

function refusal(returnCode: 2 | 3 | 4 | 5, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError;
}
