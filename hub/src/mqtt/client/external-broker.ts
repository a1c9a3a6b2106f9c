import { setTimeout as sleep } from 'node:timers/promises';
import type { Topics } from '@fieldline/protocol';
import type { IClientOptions, IPublishPacket, MqttClient } from 'mqtt';
import type { Config } from '../../config.js';
import { SinkError } from '../../sinks/sink.js';
import { Listeners } from '../../state/listeners.js';
import type { IngestCounters } from '../ingest-counters.js';
import { requestTopic } from '../request-topic.js';
import { hubStatus } from '../status-publisher.js';
import type { IncomingRequest, Intakes, MqttBroker, PublishOptions } from '../transport.js';
import { brokerTarget } from './broker-target.js';
import { Connection, type ConnectionOptions, type Link } from './connection.js';
import { IngestLink } from './ingest-link.js';
import { Outgoing } from './outgoing.js';
import { type ProtocolVersion, ProtocolVersions } from './protocol-versions.js';

export interface ExternalBrokerOptions extends Intakes {
  readonly config: Pick<Config, 'mqtt' | 'device'>;
  readonly topics: Topics;
  readonly counters: IngestCounters;
  readonly log: ConnectionOptions['log'];
  /** ms since 1970. */
  readonly now: () => number;
  readonly random?: () => number;
  /** For tests. */
  readonly keepaliveSeconds?: number;
  readonly retry?: ConnectionOptions['retry'];
  readonly ackTimeoutMs?: number;
}

/** A broker that says nothing for 1.5 to 2.5 times as long is taken for dead. */
const KEEPALIVE_SECONDS = 10;
/** A message that has no PUBACK by then costs the connection. */
const ACK_TIMEOUT_MS = 30_000;
/** How often that is looked at. */
const ACK_CHECK_MS = 1_000;
/** How long telemetry that is under way may take when ingest is stopped; what is not acked comes again. */
const STOP_TIMEOUT_MS = 3_000;
/** Telemetry messages that the broker may send before their PUBACKs (MQTT 5). */
const RECEIVE_MAXIMUM = 256;
/** How long the broker keeps telemetry for a hub that is away (MQTT 5): a week. */
const SESSION_EXPIRY_SECONDS = 7 * 86_400;
/** Whoever the broker lets publish commands. */
const ACTOR = { name: 'mqtt' };
/** How long a first try is waited for that hangs: it must not keep the hub from listening. */
const FIRST_TRY_MS = 2_000;
/** What a packet has beside the payload, at the most: topic, properties. */
const PACKET_OVERHEAD_BYTES = 4_096;

/**
 * Any MQTT broker, as its client. Two connections: a persistent one that takes telemetry, for which the broker keeps
 * what comes while the hub is away, and a clean one for all else, with the hub's will.
 */
export class ExternalBroker implements MqttBroker {
  readonly #options: ExternalBrokerOptions;
  readonly #main: Connection;
  readonly #ingest: Connection;
  readonly #connected = new Listeners<void>();
  readonly #subscriptions = new Map<string, Set<(payload: Buffer) => void>>();
  #outgoing: Outgoing | null = null;
  #ingestLink: IngestLink | null = null;
  /** Aborted while nothing can be sent. */
  #outEnd = new AbortController();
  #ackTimer: NodeJS.Timeout | undefined;
  #hasStarted = false;

  constructor(options: ExternalBrokerOptions) {
    const { config, log, random, retry } = options;
    this.#options = options;
    this.#outEnd.abort();
    const shared = {
      target: brokerTarget(config.mqtt),
      versions: new ProtocolVersions(),
      log,
      ...(random === undefined ? {} : { random }),
      ...(retry === undefined ? {} : { retry }),
    };
    this.#main = new Connection({
      ...shared,
      name: 'the way out',
      session: (version) => this.#mainSession(version),
      onClient: (client) => this.#listen(client),
      onUp: (link) => this.#mainUp(link),
      onDown: (error) => this.#mainDown(error),
    });
    this.#ingest = new Connection({
      ...shared,
      name: 'ingest',
      session: (version) => this.#ingestSession(version),
      onClient: (client) => this.#takeFrom(client),
      onUp: (link) => this.#subscribeIngest(link),
      onDown: () => this.#ingestLink?.end(),
    });
  }

  get isConnected(): boolean {
    return this.#outgoing !== null;
  }

  get error(): string | null {
    if (this.#main.link === null) return this.#main.failure.message;
    return this.#hasStarted && this.#ingest.link === null ? `ingest: ${this.#ingest.failure.message}` : null;
  }

  get failure(): SinkError {
    const { kind, message } = this.#main.failure;
    return new SinkError(kind, message);
  }

  isWanted(): boolean {
    return true;
  }

  publish(topic: string, payload: string | Buffer, options: PublishOptions): Promise<void> {
    const outgoing = this.#outgoing;
    return outgoing === null ? Promise.reject(this.failure) : outgoing.publish(topic, payload, options);
  }

  onConnected(listener: () => void): () => void {
    const stop = this.#connected.add(listener);
    if (this.isConnected) listener();
    return stop;
  }

  subscribe(topic: string, listener: (payload: Buffer) => void): void {
    const listeners = this.#subscriptions.get(topic) ?? new Set();
    this.#subscriptions.set(topic, listeners.add(listener));
    const { link } = this.#main;
    if (link !== null) this.#subscribeTo(link, topic);
  }

  async open(): Promise<void> {
    this.#ackTimer = setInterval(() => this.#checkAcks(), ACK_CHECK_MS);
    this.#ackTimer.unref();
    await soon(this.#main.open());
  }

  /** Resolves after the first try. */
  async start(): Promise<void> {
    this.#hasStarted = true;
    await soon(this.#ingest.open());
  }

  async stopIngest(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref());
    await Promise.race([this.#ingestLink?.stop(), late]);
    await this.#ingest.close();
  }

  async close(): Promise<void> {
    clearInterval(this.#ackTimer);
    await Promise.all([this.#main.close(), this.#ingest.close()]);
  }

  #mainSession(version: ProtocolVersion): IClientOptions {
    const { config, topics, now, keepaliveSeconds = KEEPALIVE_SECONDS } = this.#options;
    return {
      clientId: config.mqtt.clientId,
      clean: true,
      keepalive: keepaliveSeconds,
      messageIdProvider: {
        allocate: () => this.#outgoing?.allocateId() ?? 1,
        getLastAllocated: () => null,
        register: () => true,
        deallocate: () => undefined,
        clear: () => undefined,
      },
      will: {
        topic: topics.hubStatus,
        payload: Buffer.from(hubStatus(false, now())),
        qos: 1,
        retain: true,
      },
      ...(version === 5 ? { properties: { maximumPacketSize: this.#maximumPacketSize } } : {}),
    };
  }

  #ingestSession(version: ProtocolVersion): IClientOptions {
    const { config, keepaliveSeconds = KEEPALIVE_SECONDS } = this.#options;
    return {
      clientId: `${config.mqtt.clientId}-ingest`,
      clean: false,
      keepalive: keepaliveSeconds,
      ...(version === 5
        ? {
            properties: {
              receiveMaximum: RECEIVE_MAXIMUM,
              sessionExpiryInterval: SESSION_EXPIRY_SECONDS,
              maximumPacketSize: this.#maximumPacketSize,
            },
          }
        : {}),
    };
  }

  /** A frame that is a little too large still goes to the quarantine; a far larger one is not even read. */
  get #maximumPacketSize(): number {
    return 4 * this.#options.config.device.frameBytes + PACKET_OVERHEAD_BYTES;
  }

  #listen(client: MqttClient): void {
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback') this.#outgoing?.acknowledged(packet.messageId ?? 0, packet.reasonCode);
    });
    client.on('message', (topic, payload, packet) => {
      this.#request(topic, payload, packet);
      for (const listener of this.#subscriptions.get(topic) ?? []) {
        try {
          listener(payload);
        } catch (error) {
          this.#options.log.warn({ err: error, topic }, 'MQTT: a message could not be handled');
        }
      }
    });
  }

  /** Takes a command, or a configuration, where those come from the broker. */
  #request(name: string, payload: Buffer, { retain, properties = {} }: IPublishPacket): void {
    const { config, topics, takeRequest, log } = this.#options;
    const topic = config.mqtt.commands ? requestTopic(name, topics.prefix) : undefined;
    if (topic === undefined) return;
    const { responseTopic, correlationData, messageExpiryInterval: expiry, userProperties } = properties;
    const key = userProperties?.['idempotency-key'];
    const request: IncomingRequest = {
      ...{ topic, payload, isRetained: retain, actor: ACTOR },
      response: responseTopic === undefined ? null : { topic: responseTopic, correlationData },
      ttlMs: expiry === undefined ? null : expiry * 1_000,
      identity: typeof key === 'string' ? { scope: `mqtt ${topic.device}`, key, isFirst: false } : null,
    };
    try {
      takeRequest(request);
    } catch (error) {
      log.warn({ err: error, topic: name }, 'MQTT: a request could not be carried out');
    }
  }

  #mainUp(link: Link): void {
    const { stream, version, connack } = link;
    const { config, topics } = this.#options;
    this.#outgoing = new Outgoing({
      stream,
      version,
      receiveMaximum: connack.properties?.receiveMaximum,
      maximumPacketSize: connack.properties?.maximumPacketSize,
      clock: () => performance.now(),
    });
    this.#outEnd = new AbortController();
    for (const topic of this.#subscriptions.keys()) this.#subscribeTo(link, topic);
    if (config.mqtt.commands) {
      for (const request of ['command/+', 'config/set']) {
        this.#subscribeTo(link, `${topics.prefix}/devices/+/${request}`);
      }
    }
    this.#connected.tell();
  }

  #mainDown(error: SinkError): void {
    const outgoing = this.#outgoing;
    this.#outgoing = null;
    outgoing?.end(error);
    this.#outEnd.abort();
  }

  #checkAcks(): void {
    const timeoutMs = this.#options.ackTimeoutMs ?? ACK_TIMEOUT_MS;
    if ((this.#outgoing?.oldestMs ?? 0) < timeoutMs) return;
    this.#main.drop(
      new SinkError('network', `the MQTT broker has not confirmed a message for ${timeoutMs} ms`),
    );
  }

  #subscribeTo({ client, version }: Link, topic: string): void {
    // What is retained there is old news: all is said again after each connect anyway.
    const handling = version === 5 ? { rap: true, rh: 2 } : {};
    client.subscribe(topic, { qos: 1, ...handling }, (error) => {
      if (error) this.#options.log.warn({ err: error, topic }, 'MQTT: a topic cannot be subscribed to');
    });
  }

  #takeFrom(client: MqttClient): void {
    const { topics, take, takeUp, counters, log } = this.#options;
    const link = new IngestLink({
      ...{ stream: client.stream as Link['stream'], prefix: topics.prefix, take, takeUp, counters },
      outEnd: () => this.#outEnd.signal,
      onFailure: (error) => {
        // Brokers send what was not acked again only over a new connection.
        log.warn({ err: error }, 'MQTT: telemetry could not be taken; the broker sends it again');
        this.#ingest.drop(new SinkError('overload', wordsOf(error)), retryAfterMs(error));
      },
    });
    this.#ingestLink = link;
    // An error instead of nothing: then the library goes on, and leaves the PUBACK to us.
    const held = new Error('acked later');
    client.handleMessage = (packet, callback) => {
      link.take(packet);
      link.whenRoom(() => callback(packet.qos === 0 ? undefined : held));
    };
  }

  #subscribeIngest({ client, version }: Link): void {
    const { topics, log } = this.#options;
    const handling = version === 5 ? { rap: false, rh: 2 } : {};
    client.subscribe(`${topics.prefix}/ingest/+`, { qos: 1, ...handling }, (error) => {
      if (!error || client.stream.destroyed) return;
      this.#ingest.drop(
        new SinkError('credentials', `ingest cannot be subscribed to: ${error.message}`, { cause: error }),
      );
    });
    const up = `${topics.prefix}/devices/+/up`;
    client.subscribe(up, { qos: 1, ...handling }, (error) => {
      // Telemetry comes in without it.
      if (error) log.warn({ err: error, topic: up }, 'MQTT: a topic cannot be subscribed to');
    });
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function retryAfterMs(error: unknown): number {
  const ms = (error as { retryAfterMs?: unknown } | null)?.retryAfterMs;
  return typeof ms === 'number' ? ms : 0;
}

function soon(firstTry: Promise<void>): Promise<void> {
  return Promise.race([firstTry, sleep(FIRST_TRY_MS, undefined, { ref: false })]);
}
