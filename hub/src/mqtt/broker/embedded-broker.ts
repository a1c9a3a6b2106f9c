import type { AddressInfo, Server } from 'node:net';
import type { Topics } from '@fieldline/protocol';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Access } from '../../access/access.js';
import type { ApiTokens } from '../../access/api-tokens.js';
import type { DeviceTokens } from '../../access/device-tokens.js';
import type { RepeatedDeeds } from '../../access/repeated-deeds.js';
import { Hosts } from '../../api/hosts.js';
import type { Config } from '../../config.js';
import type { DeviceAccess } from '../../devices/access.js';
import type { Attempts } from '../../devices/attempts.js';
import type { Device } from '../../devices/device.js';
import type { Devices } from '../../devices/devices.js';
import type { Presence } from '../../devices/presence.js';
import { FieldlineError } from '../../errors.js';
import type { Counters } from '../../ops/counters.js';
import { SinkError } from '../../sinks/sink.js';
import { Listeners } from '../../state/listeners.js';
import type { Certificate } from '../../tls/certificate.js';
import type { Intakes, MqttBroker, PublishOptions } from '../transport.js';
import type { Rules } from './authorize.js';
import { type ClientStream, TcpStream, WebSocketStream } from './client-stream.js';
import { Clients } from './clients.js';
import { HubAedes } from './hub-aedes.js';
import { Relief } from './relief.js';
import { openTcpDoor } from './tcp-door.js';
import { webSocketDoor } from './web-socket-door.js';

export interface EmbeddedBrokerOptions extends Intakes {
  readonly config: Config;
  readonly log: FastifyBaseLogger;
  readonly devices: Pick<Devices, 'onBarred'>;
  readonly presence: Presence;
  readonly counters: Counters;
  readonly access: Pick<Access, 'onRevoked'>;
  readonly apiTokens: Pick<ApiTokens, 'verify'>;
  readonly deviceAccess: DeviceAccess;
  readonly attempts: Pick<Attempts, 'note'>;
  readonly repeated: Pick<RepeatedDeeds, 'note'>;
  readonly deviceTokens: Pick<DeviceTokens, 'onRevoked'>;
  /** With it the port speaks TLS, unless mqtt.tls says otherwise. */
  readonly certificate: Certificate | null;
  readonly now: () => number;
  readonly topics: Topics;
  /** Something of a device changed that outlives the run. */
  readonly touch: (device: Device) => void;
}

/** How long the last messages may take on their way out at the end. */
const FLUSH_MS = 500;
const RELIEF_CHECK_MS = 5;
/** Answers of {@link EmbeddedBroker.isWanted} that are remembered. */
const MAX_REMEMBERED = 50_000;

/**
 * The broker that the hub runs itself (protocol §4, last paragraph): aedes, MQTT 3.1.1. It is no message bus of its
 * clients: what they publish goes to the hub only, and everything that is subscribed to comes from the hub.
 */
export class EmbeddedBroker implements MqttBroker {
  readonly #options: EmbeddedBrokerOptions;
  readonly #aedes: HubAedes;
  readonly #clients: Clients;
  readonly #connected = new Listeners<void>();
  readonly #heard = new Map<string, Listeners<Buffer>>();
  readonly #wanted = new Map<string, boolean>();
  #stops: (() => void)[] = [];
  #server: Server | null = null;
  #state: 'new' | 'open' | 'closed' = 'new';
  readonly #relief: Relief;
  /** Resolves when more may be published. */
  #turn: Promise<void> | null = null;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    const { config, counters, now } = options;
    const rules: Rules = {
      prefix: options.topics.prefix,
      birth: `${config.homeAssistant.prefix}/status`,
      discovery: config.homeAssistant.discovery,
    };
    this.#aedes = new HubAedes({
      connectTimeoutMs: config.device.helloTimeoutMs,
      dropped: (messages) => {
        counters.mqttDropped += messages;
      },
      subscriptionsChanged: () => this.#wanted.clear(),
      now,
    });
    const onBirth = (topic: string, payload: Buffer) => this.#heard.get(topic)?.tell(payload);
    this.#relief = new Relief(now);
    const onHanded = (stream: ClientStream) => this.#relief.watch(stream);
    this.#clients = new Clients({ ...options, rules, onBirth, onHanded, aedes: this.#aedes });
  }

  get isConnected(): boolean {
    return this.#state === 'open';
  }

  get error(): string | null {
    return null;
  }

  get failure(): SinkError {
    return new SinkError('network', 'the MQTT broker is not running');
  }

  /** The port of MQTT over TCP; null when there is none. */
  get tcpPort(): number | null {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port ?? null;
  }

  /** Connections that are open, logged in or not. */
  get connections(): number {
    return this.#clients.size;
  }

  isWanted(topic: string): boolean {
    const known = this.#wanted.get(topic);
    if (known !== undefined) return known;
    const isWanted = this.#aedes.isWanted(topic);
    if (this.#wanted.size >= MAX_REMEMBERED) this.#wanted.clear();
    this.#wanted.set(topic, isWanted);
    return isWanted;
  }

  /** Resolves when everybody who subscribed has been handed it, and those who read fast can follow. */
  async publish(topic: string, payload: string | Buffer, options: PublishOptions): Promise<void> {
    if (this.#state !== 'open') throw this.failure;
    this.#aedes.send(topic, typeof payload === 'string' ? Buffer.from(payload) : payload, options);
    this.#turn ??= this.#nextTurn();
    await this.#turn;
  }

  /** aedes writes at the end of the turn: whoever publishes without a pause would never let it. */
  async #nextTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#relief.isNeeded() && this.isConnected) {
      await new Promise((resolve) => setTimeout(resolve, RELIEF_CHECK_MS));
    }
    this.#turn = null;
  }

  onConnected(listener: () => void): () => void {
    if (this.isConnected) listener();
    return this.#connected.add(listener);
  }

  subscribe(topic: string, listener: (payload: Buffer) => void): void {
    const listeners = this.#heard.get(topic) ?? new Listeners<Buffer>();
    this.#heard.set(topic, listeners);
    listeners.add(listener);
  }

  /** Begins to take messages of the hub: those that are retained are there before the first client comes. */
  async open(): Promise<void> {
    const { access, devices, deviceTokens } = this.#options;
    await this.#aedes.listen();
    this.#stops = [
      access.onRevoked((id) => this.#clients.revokeToken(id)),
      deviceTokens.onRevoked(({ tokenId }) => this.#clients.revokeToken(tokenId)),
    ];
    devices.onBarred((device, reason) => this.#clients.bar(device, reason));
    this.#state = 'open';
    this.#connected.tell();
  }

  /**
   * Lets clients in: over TCP, and over WebSocket at `/mqtt` of the server.
   * @throws FieldlineError `cannot_listen` when the configured port cannot be had
   */
  async start(server: FastifyInstance): Promise<void> {
    const { config, log, certificate } = this.#options;
    await server.register(webSocketDoor, {
      hosts: new Hosts(config.host, config.origins),
      requireRoom: (address) => this.#requireRoom(address),
      onSocket: (socket, address) => this.#clients.accept(new WebSocketStream(socket, address)),
    });
    this.#server = await openTcpDoor({
      host: config.host,
      port: config.mqtt.port,
      certificate: config.mqtt.tls === 'off' ? null : certificate,
      log,
      onSocket: (socket) => {
        const stream = new TcpStream(socket);
        try {
          this.#requireRoom(stream.address);
        } catch (error) {
          this.#refuse(stream, error);
          return;
        }
        this.#clients.accept(stream);
      },
    });
  }

  /** Takes no more telemetry, and lets nobody in any more. Resolves when none is under way. */
  async stopIngest(): Promise<void> {
    this.#server?.close();
    await this.#clients.stopReading();
  }

  /** Says goodbye to everybody, after what was published has gone out. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const stop of this.#stops) stop();
    this.#server?.close();
    // aedes writes in the turn after the one in which it was given a message.
    await new Promise((resolve) => setImmediate(resolve));
    await this.#clients.close(FLUSH_MS);
    await this.#aedes.end();
  }

  #requireRoom(address: string): void {
    if (this.#clients.isStopping) {
      throw new FieldlineError('stopping', 'the hub is stopping', { status: 503, retryAfterMs: 5_000 });
    }
    this.#options.deviceAccess.requireRoom(address);
  }

  #refuse(stream: ClientStream, error: unknown): void {
    const { address } = stream;
    stream.cut('refused');
    this.#options.log.debug({ err: error, address }, 'an MQTT connection was refused');
  }
}
