import type { FastifyInstance } from 'fastify';
import type { Actor } from '../commands/ledger.js';
import type { SinkError } from '../sinks/sink.js';
import type { RequestTopic } from './request-topic.js';

export interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** What the one who asked knows its answer by. MQTT 5; left out where that is not spoken. */
  readonly correlationData?: Buffer;
  /** After so many seconds a broker need not deliver it any more. MQTT 5; left out where that is not spoken. */
  readonly expirySeconds?: number;
  /** Of no use to a client that connects later: the embedded broker keeps it for nobody. */
  readonly isFleeting?: boolean;
}

/** Talks MQTT with the outside: a client of an external broker, or the embedded broker itself. */
export interface MqttTransport {
  /** Whether a message would go out now. */
  readonly isConnected: boolean;
  /** Why not, for `/readyz`. */
  readonly error: string | null;
  /** What a message fails with while none would go out: wrong credentials are for somebody to mend. */
  readonly failure: SinkError;
  /**
   * Whether anybody may get a message under this topic: building it for nobody is a waste. An external broker
   * does not tell who subscribes: always true.
   */
  isWanted(topic: string): boolean;
  /**
   * Resolves once the broker has confirmed (QoS 1: PUBACK). Nothing is kept and sent later: what was not confirmed
   * when the connection ends is rejected, and may or may not have arrived.
   * @throws SinkError `network`, `credentials`, …; {@link RefusedMessage} when this very message is at fault
   */
  publish(topic: string, payload: string | Buffer, options: PublishOptions): Promise<void>;
  /** Calls `listener` after every connect (at once, if connected): what is retained has to be said again. */
  onConnected(listener: () => void): () => void;
  /** Messages that others publish under this very topic (no wildcards), such as Home Assistant's birth. */
  subscribe(topic: string, listener: (payload: Buffer) => void): void;
  /** Resolves after the first try; goes on trying in the background. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** A transport with a way in. */
export interface MqttBroker extends MqttTransport {
  /** Opens the doors: telemetry is taken from now on. Called before the HTTP server listens. */
  start(server: FastifyInstance): Promise<void>;
  /** Takes no more telemetry. Resolves when none is under way any more. */
  stopIngest(): Promise<void>;
}

/**
 * Takes telemetry from `…/ingest/<id>`. Resolves when the PUBACK may go out (on disk, or refused for good);
 * rejects when it must not.
 * @param signal aborted when the sender is gone: what waits for better times is let go of, and comes again
 */
export type TakeIngest = (device: string, payload: Buffer, signal?: AbortSignal) => Promise<void>;

/** Who sends what comes in under `…/devices/<id>/up`. */
export interface UpSender {
  /** Aborted when the sender is gone: what waits for better times is let go of, and comes again. */
  readonly signal: AbortSignal;
  /** Aborted when nothing more reaches the sender under `…/down`. */
  readonly end: AbortSignal;
  /** It may have come before, and others after it. */
  readonly isRepeated: boolean;
}

/** Takes a message from `…/devices/<id>/up`. Resolves and rejects as {@link TakeIngest} does. */
export type TakeUp = (device: string, payload: Buffer, sender: UpSender) => Promise<void>;

/** Where an answer is wanted (MQTT 5 §4.10). */
export interface ResponseAddress {
  readonly topic: string;
  readonly correlationData: Buffer | undefined;
}

/** Somebody wants a device to do something, or to run another configuration. */
export interface IncomingRequest {
  readonly topic: RequestTopic;
  readonly payload: Buffer;
  readonly isRetained: boolean;
  readonly actor: Actor;
  readonly response: ResponseAddress | null;
  /** ms; null where it says none. */
  readonly ttlMs: number | null;
  /** What its repetitions have in common, and no other request; null where it is not known. */
  readonly identity: RequestIdentity | null;
}

export interface RequestIdentity {
  /** Whose it is. */
  readonly scope: string;
  readonly key: string;
  /** Whether it is known to be the first. */
  readonly isFirst: boolean;
}

/**
 * Takes a request. What it comes to is durable when this returns; whoever is at fault is told, where that can be.
 * @throws FieldlineError with `status` 503 when it cannot be made durable now
 */
export type TakeRequest = (request: IncomingRequest) => void;

/** Where what comes in goes. */
export interface Intakes {
  readonly take: TakeIngest;
  readonly takeUp: TakeUp;
  readonly takeRequest: TakeRequest;
}

/** The broker does not take this very message, now or later: too large, or of a format that it forbids. */
export class RefusedMessage extends Error {
  override readonly name = 'RefusedMessage';
}
