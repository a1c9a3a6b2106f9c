import { isUtf8 } from 'node:buffer';
import type { FastifyBaseLogger } from 'fastify';
import type { Device } from '../devices/device.js';
import type { SessionContext } from '../devices/session-context.js';
import { FieldlineError } from '../errors.js';
import type { IngestCounters } from './ingest-counters.js';
import type { TakeIngest } from './transport.js';

export interface InboxOptions {
  readonly devices: { get(id: string): Device | undefined };
  /** Takes messages that came together and resolves when they are on disk. */
  readonly submit: { submit(id: string, messages: readonly unknown[], source: 'mqtt'): Promise<unknown> };
  readonly refuseFrame: SessionContext['refuseFrame'];
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
/** Refusals are logged at most so often, with their number. */
const LOG_EVERY_MS = 60_000;
/** Waiting when the hub says "later" without saying when. */
const RETRY_MS = 1_000;

/**
 * Telemetry that comes over MQTT: one message, a bare reading, or an array of them, as HTTP takes it (protocol §4).
 * What the hub cannot take at the moment is held and tried again, so that its PUBACK is missing meanwhile and the
 * sender waits.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #stop = new AbortController();
  #loggedAtMs = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Resolves when the payload is on disk, in the quarantine, or refused for good. */
  readonly take: TakeIngest = async (id, payload) => {
    const device = this.#options.devices.get(id);
    if (device === undefined || device.record.disabled) {
      this.#refuse(id, device === undefined ? 'not registered' : 'disabled');
      return;
    }
    const messages = this.#read(device, payload);
    for (;;) {
      try {
        // Without messages this waits for the sync that keeps the quarantine's entry.
        await this.#options.submit.submit(id, messages, 'mqtt');
        return;
      } catch (error) {
        if (error instanceof FieldlineError && error.status === 404)
          return this.#refuse(id, 'not registered');
        if (!isTemporary(error)) throw error;
        await this.#pause(error.retryAfterMs ?? RETRY_MS, error);
      }
    }
  };

  /** Lets go of all that is held: it is not acked, and comes again. */
  stop(): void {
    this.#stop.abort();
  }

  /** The messages of a payload; none, when it cannot be read and was put into the quarantine. */
  #read(device: Device, payload: Buffer): readonly unknown[] {
    const { refuseFrame, maxBytes, now } = this.#options;
    const read = payload.length > maxBytes ? `larger than ${maxBytes} bytes` : messagesOf(payload);
    if (typeof read !== 'string') return read;
    refuseFrame(device, 'mqtt', payload.toString('utf8', 0, RAW_BYTES), read, now());
    return [];
  }

  /** Resolves after the time. @throws the reason for the wait, when the inbox is stopped meanwhile */
  #pause(ms: number, reason: Error): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve, reject) => {
      const stopped = () => {
        clearTimeout(timer);
        reject(reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stopped);
        resolve();
      }, ms);
      if (signal.aborted) stopped();
      else signal.addEventListener('abort', stopped, { once: true });
    });
  }

  #refuse(device: string, why: string): void {
    const { counters, log, now } = this.#options;
    counters.refused++;
    this.#unlogged++;
    const nowMs = now();
    if (nowMs - this.#loggedAtMs < LOG_EVERY_MS) return;
    log.warn(
      { device, why, messages: this.#unlogged },
      'MQTT: telemetry of a device that may not send was refused',
    );
    this.#loggedAtMs = nowMs;
    this.#unlogged = 0;
  }
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

function isTemporary(error: unknown): error is FieldlineError {
  return error instanceof FieldlineError && (error.status === 429 || error.status === 503);
}
