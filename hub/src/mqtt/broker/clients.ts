import type { Duplex } from 'node:stream';
import type { AedesPublishPacket, AuthenticateError, Client, Subscription } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { ApiTokens } from '../../access/api-tokens.js';
import type { RepeatedDeeds } from '../../access/repeated-deeds.js';
import type { Config } from '../../config.js';
import type { DeviceAccess } from '../../devices/access.js';
import type { Attempts } from '../../devices/attempts.js';
import type { Device } from '../../devices/device.js';
import type { Presence } from '../../devices/presence.js';
import type { Counters } from '../../ops/counters.js';
import type { Intakes } from '../transport.js';
import { Admission, refusal } from './admission.js';
import { maySubscribe, type Rules } from './authorize.js';
import type { ClientStream } from './client-stream.js';
import { Delivery } from './delivery.js';
import type { HubAedes } from './hub-aedes.js';
import { Link, shown } from './link.js';
import type { Member } from './log-in.js';
import { LogInDeeds } from './log-in-deeds.js';
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
  /** For the audit of log-ins, which anybody can repeat. */
  readonly repeated: Pick<RepeatedDeeds, 'note'>;
  readonly rules: Rules;
  /** Home Assistant published on its birth topic. */
  readonly onBirth: (topic: string, payload: Buffer) => void;
  /** A client is handed a message. */
  readonly onHanded: (stream: ClientStream) => void;
  /** Something of a device changed that outlives the run. */
  readonly touch: (device: Device) => void;
  readonly now: () => number;
}

const MAX_SUBSCRIPTIONS = 100;
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
  readonly #admission: Admission;
  readonly #delivery: Delivery;
  readonly #deeds: LogInDeeds;
  #isStopping = false;

  constructor(options: ClientsOptions) {
    this.#options = options;
    const { aedes, log } = options;
    this.#publications = new Publications(options);
    this.#delivery = new Delivery(options);
    this.#deeds = new LogInDeeds(options.repeated);
    this.#admission = new Admission({
      ...options,
      deeds: this.#deeds,
      newest: (id) => this.#byId.get(id),
      connectionsOf: (scope) => this.#connectionsOf(scope),
    });
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
      authorizeForward: (client: Client, packet: AedesPublishPacket) =>
        this.#delivery.hand(this.#linkOf(client), client, packet),
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
  #admit(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): AuthenticateError | null {
    const link = this.#linkOf(client);
    // It may have gone between its CONNECT and this.
    if (!link?.connect || link.stream.destroyed) return refusal(3, 'no connection');
    const member = this.#admission.admit({
      link,
      connect: link.connect,
      clientId: client.id,
      username,
      password,
    });
    if (member instanceof Error) return member;
    this.#welcome(client, link, member);
    return null;
  }

  #welcome(client: Client, link: Link, member: Member): void {
    const { presence, now, config, touch } = this.#options;
    const { stream, connect } = link;
    client.id = link.id;
    stream.onLoggedIn?.();
    stream.ignoresAcks = connect?.clean ?? true;
    stream.gauge.maxBytes = FRAMES_PER_PACKET * config.device.frameBytes;
    const older = this.#byId.get(link.id);
    this.#byId.set(link.id, link);
    this.#byScope.set(member.scope, this.#connectionsOf(member.scope) + 1);
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
    if (older) this.#replace(older, link, member);
    else this.#deeds.loggedIn(member, stream.address);
  }

  async #takePublication(client: Client | null, packet: Publication): Promise<void> {
    const link = client ? this.#linkOf(client) : undefined;
    if (!link?.isPublisher()) throw new Error('nobody publishes here');
    await this.#publications.take(link, packet);
  }

  /** The newest connection of a client wins (MQTT 3.1.1 §3.1.4). */
  #replace(older: Link, newer: Link, member: Member): void {
    this.#admission.takenOver(older, newer);
    this.#deeds.takenOver(member, older.stream.address, newer.stream.address);
    older.stream.cut('replaced');
  }

  #connectionsOf(scope: string): number {
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

  #ended(link: Link): void {
    const { stream, member, id } = link;
    const { presence, aedes, log, touch } = this.#options;
    this.#links.delete(link);
    link.end.abort();
    if (this.#byId.get(id) === link) this.#byId.delete(id);
    if (member === null) return;
    const left = this.#connectionsOf(member.scope) - 1;
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
