import { isUtf8 } from 'node:buffer';
import { decodeDeviceFrame } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Device } from '../devices/device.js';
import type { LiveFeed, SessionContext } from '../devices/session-context.js';
import { FieldlineError } from '../errors.js';
import type { Faults } from '../ingest/submit.js';
import { SparseLog } from '../ops/sparse-log.js';
import type { Complaints } from './complaints.js';
import type { DownAcks } from './down-acks.js';
import type { IngestCounters } from './ingest-counters.js';
import { pauseUntil } from './pause-until.js';
import { showPayload } from './show-payload.js';
import type { TakeIngest } from './transport.js';

export interface InboxOptions {
  readonly devices: { get(id: string): Device | undefined };
  /** Takes messages that came together and resolves when they are on disk. */
  readonly submit: {
    submit(id: string, messages: readonly unknown[], source: 'mqtt', faults: Faults): Promise<unknown>;
  };
  /** Tells devices what is wrong with their messages. */
  readonly complaints: Pick<Complaints, 'of'>;
  /** Told what is on disk. */
  readonly acks: Pick<DownAcks, 'settled'>;
  readonly refuseFrame: SessionContext['refuseFrame'];
  /** Those who watch what goes over the wire. */
  readonly live: Pick<LiveFeed, 'wantsRaw' | 'raw'>;
  /** Largest payload. */
  readonly maxBytes: number;
  readonly counters: IngestCounters;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly now: () => number;
}

/** As many as one HTTP request may bring. */
const MAX_MESSAGES = 1_000;
/** Of a payload that cannot be read: what the quarantine keeps of it is shorter. */
const RAW_BYTES = 1_024;
/** Waiting when the hub says "later" without saying when. */
const RETRY_MS = 1_000;

/**
 * Telemetry that comes over MQTT: one message, a bare reading, or an array of them, as HTTP takes it (protocol §4).
 * What the hub cannot take at the moment is held and tried again, so that its PUBACK is missing meanwhile and the
 * sender waits. How much is held is bounded by what senders may have unconfirmed.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #stop = new AbortController();
  /** Devices of which something is held: the end of the queue. */
  readonly #queues = new Map<string, Promise<void>>();
  readonly #log: SparseLog;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#log = new SparseLog(options.log, options.now);
  }

  /** Resolves when the payload is on disk, in the quarantine, or refused for good. */
  readonly take: TakeIngest = async (id, payload, signal) => {
    const device = this.#options.devices.get(id);
    if (device === undefined || device.record.disabled) {
      this.#refuse(id, device === undefined ? 'not registered' : 'disabled');
      return;
    }
    showPayload(this.#options.live, id, payload, this.#options.now());
    await this.#deliver(device, this.#read(device, payload), signal);
  };

  /** Resolves when what a device has sent beside telemetry (a line of its log, say) is on disk, too. */
  async sync(device: Device, signal: AbortSignal): Promise<void> {
    await this.#deliver(device, [], signal);
  }

  /** Lets go of all that is held: it is not acked, and comes again. */
  stop(): void {
    this.#stop.abort();
  }

  async #deliver(device: Device, messages: readonly unknown[], signal?: AbortSignal): Promise<void> {
    const { id } = device;
    let later: FieldlineError | undefined;
    if (!this.#queues.has(id)) {
      later = await this.#submit(device, messages);
      if (later === undefined) return;
    }
    await this.#queue(device, { messages, signal, later: this.#queues.has(id) ? undefined : later });
  }

  /** The messages of a payload; none, when it cannot be read and was put into the quarantine. */
  #read(device: Device, payload: Buffer): readonly unknown[] {
    const { refuseFrame, complaints, maxBytes, now } = this.#options;
    const read = payload.length > maxBytes ? `larger than ${maxBytes} bytes` : messagesOf(payload);
    if (typeof read !== 'string') return read;
    refuseFrame(device, 'mqtt', payload.toString('utf8', 0, RAW_BYTES), read, now());
    const frame = payload.length > maxBytes ? null : decodeDeviceFrame(payload); // it finds a `seq` in a broken text
    complaints.of(device).malformed(read, frame?.kind === 'malformed' ? frame.seq : undefined);
    return [];
  }

  /**
   * Resolves when the messages are on disk; with why and when to come again, when they cannot be taken now. Without
   * messages it waits for the sync that keeps the quarantine's entry.
   */
  async #submit(device: Device, messages: readonly unknown[]): Promise<FieldlineError | undefined> {
    const { submit, complaints, acks } = this.#options;
    try {
      await submit.submit(device.id, messages, 'mqtt', complaints.of(device));
      acks.settled(device, messages);
    } catch (error) {
      if (!(error instanceof FieldlineError)) throw error;
      if (error.status === 404) this.#refuse(device.id, 'not registered');
      else if (error.status === 429 || error.status === 503) return error;
      else throw error;
    }
    return undefined;
  }

  /**
   * Holds messages until they are taken: in the order in which they came, and one device at a time, or all that is
   * held would ask again whenever there is room for one.
   */
  #queue(device: Device, held: Held): Promise<void> {
    const { id } = device;
    const ahead = this.#queues.get(id) ?? Promise.resolve();
    let goOn: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const tail = ahead.then(() => turn);
    this.#queues.set(id, tail);
    void tail.then(() => {
      if (this.#queues.get(id) === tail) this.#queues.delete(id);
    });
    return ahead.then(() => this.#insist(device, held, goOn)).finally(goOn);
  }

  /** @param taken called when the messages wait for nothing but their sync: the next ones may share it */
  async #insist(device: Device, { messages, signal, later }: Held, taken: () => void): Promise<void> {
    for (let refusal = later; ; ) {
      if (refusal !== undefined) {
        await pauseUntil(refusal.retryAfterMs ?? RETRY_MS, this.#stop.signal, signal);
      }
      if (this.#stop.signal.aborted || signal?.aborted) throw new Error('let go of while it was held');
      // A refusal is known at once; what is not refused waits for the disk.
      const next = setImmediate(taken);
      refusal = await this.#submit(device, messages);
      if (refusal === undefined) return;
      clearImmediate(next);
    }
  }

  #refuse(device: string, why: string): void {
    this.#options.counters.refused++;
    this.#log.warn({ device, why }, 'MQTT: what a device has sent that may not was refused');
  }
}

/** What waits for better times. */
interface Held {
  readonly messages: readonly unknown[];
  readonly signal: AbortSignal | undefined;
  /** Why it has to wait, where that is known. */
  readonly later: FieldlineError | undefined;
}

/** The messages of a payload, or what is wrong with it. */
function messagesOf(payload: Buffer): readonly unknown[] | string {
  if (!isUtf8(payload)) return 'not valid UTF-8';
  let parsed: unknown;
  try {
    // Whatever is unfit in it is found when the message is decoded.
    parsed = JSON.parse(payload.toString());
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (!Array.isArray(parsed)) return [parsed];
  if (parsed.length >= 1 && parsed.length <= MAX_MESSAGES) return parsed;
  return `an array of 1 to ${MAX_MESSAGES} messages expected`;
}
