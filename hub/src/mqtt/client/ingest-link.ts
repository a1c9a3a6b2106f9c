import type { Duplex } from 'node:stream';
import { parseTopic } from '@fieldline/protocol';
import type { IPublishPacket } from 'mqtt';
import type { IngestCounters } from '../ingest-counters.js';
import type { TakeIngest, TakeUp } from '../transport.js';

/** Messages without PUBACK (QoS 0) that may be under way; beyond, they are dropped. */
const MAX_QOS_0 = 1_000;
/** Messages without PUBACK yet, beyond which nothing is read: in MQTT 3.1.1 only the broker's own settings bound them. */
const MAX_HELD = 1_000;
/** Acks of this many packets go out in one write. */
const ACK_BYTES = 4;

export interface IngestLinkOptions {
  readonly stream: Duplex;
  readonly prefix: string;
  readonly take: TakeIngest;
  readonly takeUp: TakeUp;
  /** Aborted when nothing more can be sent to devices. */
  readonly outEnd: () => AbortSignal;
  readonly counters: IngestCounters;
  /** A message could not be taken. Neither it nor those behind it are acked: the broker has to send them again. */
  readonly onFailure: (error: unknown) => void;
}

interface Held {
  readonly id: number;
  isTaken: boolean;
}

/**
 * What devices send, from one connection to the broker: telemetry, and what else they have to say. Many messages are under way at the same time, so that one sync
 * serves them all; their PUBACKs go out in the order in which they came (MQTT 5 §4.6), each after its sync.
 */
export class IngestLink {
  readonly #options: IngestLinkOptions;
  /** Messages without PUBACK yet, in the order in which they came. */
  readonly #held: Held[] = [];
  #underWay = 0;
  readonly #gone = new AbortController();
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  #isFlushing = false;
  #idle: () => void = () => undefined;
  #goOn: (() => void) | undefined;

  constructor(options: IngestLinkOptions) {
    this.#options = options;
  }

  /** Takes a packet; its PUBACK is written by this object. */
  take(packet: IPublishPacket): void {
    if (this.#isStopped || this.#failure !== undefined) return;
    const { prefix, counters } = this.#options;
    const id = packet.qos > 0 ? (packet.messageId ?? 0) : 0;
    const topic = parseTopic(packet.topic, prefix);
    if (packet.retain || (topic?.kind !== 'ingest' && topic?.kind !== 'up')) {
      // What is retained was sent before somebody subscribed: of unknown age, and again at each connect.
      if (packet.retain) counters.retained++;
      else counters.badTopics++;
      this.#hold(id, true);
      return;
    }
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    if (id === 0 && this.#underWay - this.#held.length >= MAX_QOS_0) {
      counters.dropped++;
      return;
    }
    const { take, takeUp, outEnd } = this.#options;
    const { signal } = this.#gone;
    const { device } = topic;
    const work =
      topic.kind === 'ingest'
        ? () => take(device, payload, signal)
        : () => takeUp(device, payload, { signal, end: outEnd(), isRepeated: packet.dup });
    void this.#deliver(work, this.#hold(id, false));
  }

  /** Calls `goOn` when there is room for another message. */
  whenRoom(goOn: () => void): void {
    if (this.#held.length < MAX_HELD) goOn();
    else this.#goOn = goOn;
  }

  /** Takes nothing more. Resolves when all that is under way is either on disk and acked, or has failed. */
  stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  /** The connection is gone: what is held comes again over the next one. */
  end(): void {
    this.#isStopped = true;
    this.#gone.abort();
  }

  #hold(id: number, isTaken: boolean): Held {
    const held = { id, isTaken };
    if (id === 0) return held;
    this.#held.push(held);
    if (isTaken) this.#flush();
    return held;
  }

  async #deliver(work: () => Promise<void>, held: Held): Promise<void> {
    const { counters, onFailure } = this.#options;
    this.#underWay++;
    try {
      await work();
      held.isTaken = true;
      if (held.id !== 0) this.#flush();
    } catch (error) {
      if (held.id === 0) counters.dropped++;
      else this.#failure ??= { error };
    }
    this.#underWay--;
    if (this.#underWay > 0) return;
    // The last words: what was taken before the failure need not come again.
    this.#writeAcks();
    this.#idle();
    if (this.#failure !== undefined && !this.#gone.signal.aborted) onFailure(this.#failure.error);
  }

  /** All that one sync has made durable is acked in one write. */
  #flush(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#writeAcks();
    });
  }

  #writeAcks(): void {
    const end = this.#held.findIndex(({ isTaken }) => !isTaken);
    const ready = this.#held.splice(0, end === -1 ? this.#held.length : end);
    if (ready.length === 0 || this.#options.stream.destroyed) return;
    // A PUBACK that says nothing but "success" is the same in MQTT 3.1.1 and 5 (§3.4).
    const acks = Buffer.allocUnsafe(ready.length * ACK_BYTES);
    for (const [index, { id }] of ready.entries()) {
      acks.writeUInt16BE(0x4002, index * ACK_BYTES);
      acks.writeUInt16BE(id, index * ACK_BYTES + 2);
    }
    this.#options.stream.write(acks);
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }
}
