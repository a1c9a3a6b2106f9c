import type { Duplex } from 'node:stream';
import { SinkError } from '../../sinks/sink.js';
import { type PublishOptions, RefusedMessage } from '../transport.js';
import type { ProtocolVersion } from './protocol-versions.js';
import { publishPacket } from './publish-packet.js';
import { publishRefusal } from './reason-codes.js';

/** Messages that may wait for their PUBACK, where the broker does not want fewer. */
const WINDOW = 100;
/** Messages that may wait for room in the window. */
const MAX_WAITING = 10_000;

export interface OutgoingOptions {
  readonly stream: Duplex;
  readonly version: ProtocolVersion;
  /** What the broker's CONNACK says that it takes; undefined for no bound. */
  readonly receiveMaximum: number | undefined;
  readonly maximumPacketSize: number | undefined;
  /** ms, from any start. */
  readonly clock: () => number;
}

interface Pending {
  readonly packet: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  sentAtMs: number;
}

/**
 * Messages on their way out over one connection, in order, with a bounded number in flight. Ends with its
 * connection: nothing is sent again over the next one, because the journal does that.
 */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #window: number;
  /** Written, by packet identifier, the oldest first. */
  readonly #inFlight = new Map<number, Pending>();
  readonly #waiting: { id: number; pending: Pending }[] = [];
  #lastId = 0;
  #isCorked = false;
  #end: SinkError | undefined;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#window = Math.min(WINDOW, options.receiveMaximum ?? WINDOW);
  }

  /** Of packets that are no PUBLISH, too (SUBSCRIBE): one number is not used twice at a time. */
  allocateId(): number {
    do this.#lastId = this.#lastId === 65_535 ? 1 : this.#lastId + 1;
    while (this.#inFlight.has(this.#lastId));
    return this.#lastId;
  }

  /** Resolves at the PUBACK; with QoS 0 when it was written. */
  publish(topic: string, payload: string | Buffer, options: PublishOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) throw this.#end;
      if (this.#waiting.length >= MAX_WAITING) {
        throw new SinkError('overload', 'too many messages wait for the broker');
      }
      const id = options.qos === 0 ? 0 : this.allocateId();
      const packet = publishPacket(topic, payload, options, id, this.#options.version);
      if (packet.length > (this.#options.maximumPacketSize ?? Number.POSITIVE_INFINITY)) {
        throw new RefusedMessage(`the broker takes ${this.#options.maximumPacketSize} bytes at most`);
      }
      if (options.qos === 0) {
        this.#write(packet, (error) => (error ? reject(this.#end ?? error) : resolve()));
        return;
      }
      const pending = { packet, resolve, reject, sentAtMs: 0 };
      if (this.#inFlight.size < this.#window) this.#send(id, pending);
      else this.#waiting.push({ id, pending });
    });
  }

  /** The broker answered a PUBLISH. */
  acknowledged(id: number, reasonCode: number | undefined): void {
    const pending = this.#inFlight.get(id);
    if (pending === undefined) return; // of a SUBSCRIBE, or nothing of ours
    this.#inFlight.delete(id);
    const refusal = reasonCode === undefined ? undefined : publishRefusal(reasonCode);
    if (refusal === undefined) pending.resolve();
    else pending.reject(refusal);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#send(next.id, next.pending);
  }

  /** For how long the oldest message has waited for its PUBACK, in ms. */
  get oldestMs(): number {
    for (const { sentAtMs } of this.#inFlight.values()) return this.#options.clock() - sentAtMs;
    return 0;
  }

  /** The connection is gone. */
  end(error: SinkError): void {
    this.#end ??= error;
    const all = [...this.#inFlight.values(), ...this.#waiting.map(({ pending }) => pending)];
    this.#inFlight.clear();
    this.#waiting.length = 0;
    for (const { reject } of all) reject(error);
  }

  #send(id: number, pending: Pending): void {
    pending.sentAtMs = this.#options.clock();
    this.#inFlight.set(id, pending);
    this.#write(pending.packet);
  }

  /** Packets of one turn of the event loop go out together. */
  #write(packet: Buffer, written?: (error?: Error | null) => void): void {
    const { stream } = this.#options;
    if (!this.#isCorked) {
      this.#isCorked = true;
      stream.cork();
      setImmediate(() => {
        this.#isCorked = false;
        stream.uncork();
      });
    }
    stream.write(packet, written);
  }
}
