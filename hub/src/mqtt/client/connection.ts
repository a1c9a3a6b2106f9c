import type { Duplex } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { type IClientOptions, type IConnackPacket, MqttClient } from 'mqtt';
import { Backoff, type BackoffBounds } from '../../sinks/backoff.js';
import { SinkError } from '../../sinks/sink.js';
import type { BrokerTarget } from './broker-target.js';
import type { ProtocolVersion, ProtocolVersions } from './protocol-versions.js';
import { connackReason, connectionRefusal } from './reason-codes.js';

export interface ConnectionOptions {
  /** For the log: what it is for. */
  readonly name: string;
  readonly target: BrokerTarget;
  readonly versions: ProtocolVersions;
  /** What this connection is like, for the version that is spoken. */
  readonly session: (version: ProtocolVersion) => IClientOptions;
  /** The client is made; nothing was sent yet. What has to listen from the first packet on is put on it here. */
  readonly onClient: (client: MqttClient) => void;
  readonly onUp: (link: Link) => void;
  /** The link is gone, or did not come up. */
  readonly onDown: (error: SinkError) => void;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'debug'>;
  /** Waiting between tries: 200 ms to 15 s. */
  readonly retry?: BackoffBounds;
  readonly random?: () => number;
}

/** A connection that is up. */
export interface Link {
  readonly client: MqttClient;
  readonly stream: Duplex;
  readonly version: ProtocolVersion;
  readonly connack: IConnackPacket;
}

const RETRY: BackoffBounds = { minMs: 200, maxMs: 15_000 };
/** A connection that ends before it was up for so long is no reason to try faster again. */
const STABLE_MS = 5_000;
/** For TCP, TLS, WebSocket and CONNACK together. */
const CONNECT_TIMEOUT_MS = 10_000;
/** How long the goodbye may take. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * One connection to the broker that is made again for ever: a fresh client of the library each time, so that none
 * of its queues and stores outlives a connection, and one timer.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #backoff: Backoff;
  #client: MqttClient | undefined;
  #link: Link | null = null;
  #failure: SinkError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;
  /** The least wait before the next try. */
  #leastMs = 0;
  /** Of the failure that was logged last. */
  #lastWords = '';
  /** Called when a try has ended, either way. */
  #tried: () => void = () => undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  get link(): Link | null {
    return this.#link;
  }

  /** Why there is no link. */
  get failure(): SinkError {
    return this.#failure ?? new SinkError('network', 'not connected to the MQTT broker');
  }

  /** Resolves after the first try. */
  open(): Promise<void> {
    this.#isOpen = true;
    const tried = new Promise<void>((resolve) => {
      this.#tried = resolve;
    });
    void this.#try();
    return tried;
  }

  /** Ends the link because of an error. A new one is made, not before `leastMs`. */
  drop(error: SinkError, leastMs = 0): void {
    this.#failure = error;
    this.#leastMs = Math.max(this.#leastMs, leastMs);
    this.#client?.stream.destroy();
  }

  /** Says goodbye to the broker, so that no will is published. */
  async close(): Promise<void> {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    const client = this.#client;
    if (client === undefined) return;
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    const late = setTimeout(() => client.stream.destroy(), CLOSE_TIMEOUT_MS);
    if (this.#link === null) client.stream.destroy();
    else client.end();
    await closed;
    clearTimeout(late);
  }

  async #try(): Promise<void> {
    const { target, versions, session, onClient, onUp, log, name } = this.#options;
    const version = versions.current;
    this.#failure = null;
    let stream: Duplex;
    let client: MqttClient;
    try {
      const tls = await target.readTls();
      if (!this.#isOpen) return this.#tried();
      stream = target.openStream(tls);
      client = new MqttClient(() => stream, clientOptions(target, version, session(version)));
    } catch (error) {
      this.#down(
        error instanceof SinkError ? error : new SinkError('network', wordsOf(error), { cause: error }),
      );
      return;
    }
    let upAtMs: number | undefined;
    let isAnswered = false;
    this.#client = client;
    client.on('error', (error) => {
      this.#failure ??= failureOf(error, target.address);
      // After a packet that cannot be read the library would go on waiting for the next one.
      stream.destroy();
    });
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack') {
        isAnswered = true;
        versions.answered();
        const code = connackReason((version === 5 ? packet.reasonCode : packet.returnCode) ?? 0);
        if (code === 0) return;
        this.#failure = connectionRefusal(code);
        if (code === 132) versions.refused(version);
      } else if (packet.cmd === 'disconnect') {
        this.#failure = connectionRefusal(packet.reasonCode ?? 0);
      }
    });
    client.on('connect', (connack) => {
      if (stream.destroyed) return;
      upAtMs = performance.now();
      this.#link = { client, stream, version, connack };
      log.info({ broker: target.address, mqtt: version === 5 ? '5' : '3.1.1' }, `MQTT: ${name} is connected`);
      onUp(this.#link);
      this.#tried();
    });
    client.once('close', () => {
      if (!isAnswered && isHangUp(this.#failure)) versions.hungUp();
      if (upAtMs !== undefined && performance.now() - upAtMs >= STABLE_MS) this.#backoff.reset();
      this.#client = undefined;
      this.#down(
        this.#failure ?? new SinkError('network', `the MQTT broker ${target.address} closed the connection`),
      );
    });
    onClient(client);
  }

  #down(error: SinkError): void {
    const { onDown, log, name, target } = this.#options;
    const wasUp = this.#link !== null;
    this.#link = null;
    this.#failure = error;
    if (this.#isOpen) {
      const waitMs = Math.max(this.#leastMs, this.#backoff.next(this.#options.retry ?? RETRY));
      this.#leastMs = 0;
      this.#timer = setTimeout(() => void this.#try(), waitMs);
      const isNews = wasUp || error.message !== this.#lastWords;
      this.#lastWords = error.message;
      const fields = { broker: target.address, kind: error.kind, reason: error.message };
      if (isNews) log.warn(fields, `MQTT: ${name} is not connected; it is tried again`);
      else log.debug(fields, `MQTT: ${name} is still not connected`);
    }
    onDown(error);
    this.#tried();
  }
}

function clientOptions(
  { username, password }: BrokerTarget,
  protocolVersion: ProtocolVersion,
  session: IClientOptions,
): IClientOptions {
  return {
    protocolVersion,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    // One client, one connection: see above.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // Setting a timer for each PUBACK costs more than a ping that is not needed.
    reschedulePings: false,
    // Its debug log formats nothing when off, but asks for it twenty times a message.
    log: () => undefined,
    ...session,
  };
}

/** The broker ended the connection without a word. */
function isHangUp(failure: SinkError | null): boolean {
  if (failure === null) return true;
  const code = (failure.cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function failureOf(error: Error, address: string): SinkError {
  return new SinkError('network', `the MQTT broker ${address}: ${wordsOf(error)}`, { cause: error });
}

function wordsOf(error: unknown): string {
  // Of a host with several addresses: one error for all, without words of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
