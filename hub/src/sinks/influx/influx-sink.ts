import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry } from '@fieldline/journal';
import type { Device } from '../../devices/device.js';
import { FieldlineError } from '../../errors.js';
import { type Rejection, type Sink, SinkError } from '../sink.js';
import { classify, type Verdict } from './classify.js';
import { Doubt, DoubtfulSend } from './doubt.js';
import type { Fields } from './fields.js';
import type { BlockLimits, LineBlock } from './line-block.js';
import { LineEncoder } from './line-encoder.js';
import { separate } from './separate.js';
import type { InfluxAdmin } from './server.js';
import type { WriteClient } from './write-client.js';
import type { OnWritten } from './written-ranges.js';

export interface InfluxSinkOptions {
  readonly client: WriteClient;
  readonly admin: Pick<InfluxAdmin, 'open' | 'retentionPolicyOf'>;
  readonly devices: { get(id: string): Device | undefined };
  /** Opened. */
  readonly fields: Fields;
  /** `influx.tags` */
  readonly tags: readonly string[];
  /** Told what was written, once it is; also of what comes late and belongs into old rollups. */
  readonly onWritten?: OnWritten;
}

/** A request about every second, or several at once after an outage; a reader that waits hastens it. */
const BATCH = { maxReadings: 20_000, lingerMs: 1_000 } as const;
/** One request. Its lines are made at once, which must not hold the hub up for long. */
const MAX_REQUEST: BlockLimits = { lines: 5_000, bytes: 4 * 1024 * 1024 };
const IN_FLIGHT = 2;
/** The server's limit is learned from its refusals, down to here. */
const MIN_REQUEST_BYTES = 16 * 1024;

/** A write that failed; `suspect` as {@link classify} has it. */
class Failure extends Error {
  readonly sinkError: SinkError;
  readonly suspect: boolean;
  constructor(sinkError: SinkError, suspect: boolean) {
    super(sinkError.message);
    this.sinkError = sinkError;
    this.suspect = suspect;
  }
}

/**
 * Writes readings into InfluxDB (protocol §6). The hub's cursor counts: what is written again is the same point
 * with the same fields, because times are assigned before the journal and fields last.
 */
export class InfluxSink implements Sink {
  readonly name = 'influx';
  readonly batch = BATCH;
  readonly #options: InfluxSinkOptions;
  readonly #encoder: LineEncoder;
  readonly #doubt = new Doubt();
  #requestBytes = MAX_REQUEST.bytes;

  constructor(options: InfluxSinkOptions) {
    const { admin, devices, fields, tags } = options;
    this.#options = options;
    const retentionPolicyOf = (measurement: string) => admin.retentionPolicyOf(measurement);
    this.#encoder = new LineEncoder({ devices, fields, tags, retentionPolicyOf });
  }

  async open(): Promise<null> {
    await this.#options.admin.open();
    return null;
  }

  async write(entries: readonly Entry[], signal: AbortSignal): Promise<readonly Rejection[]> {
    const first = entries[0]?.first;
    if (first === undefined) return [];
    const isSuspected = this.#doubt.isUpon(first) && (await this.#options.client.ping(signal));
    try {
      const rejections = await this.#write(entries, isSuspected, signal);
      this.#doubt.succeeded();
      return rejections;
    } catch (error) {
      const { sinkError, suspect } = error instanceof Failure ? error : { sinkError: error, suspect: false };
      this.#doubt.failed(first, suspect);
      throw sinkError;
    }
  }

  async close(): Promise<void> {
    this.#options.client.close();
  }

  async #write(entries: readonly Entry[], isSuspected: boolean, signal: AbortSignal): Promise<Rejection[]> {
    const rejections: Rejection[] = [];
    const limits = (): BlockLimits => ({ lines: MAX_REQUEST.lines, bytes: this.#requestBytes });
    const blocks = this.#encoder.blocks(entries, limits, rejections);
    const errors: unknown[] = [];
    const sender = async (): Promise<void> => {
      try {
        for (;;) {
          // Others get their turn between two blocks.
          await nextTurn();
          const { value: block } = errors.length === 0 ? blocks.next() : { value: undefined };
          if (!block) return;
          keep(() => this.#options.fields.flush());
          rejections.push(...(await this.#writeBlock(block, isSuspected, signal)));
          const { onWritten } = this.#options;
          if (onWritten) keep(() => block.ranges.tell(onWritten));
        }
      } catch (error) {
        errors.push(error);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
    if (errors.length > 0) throw errors[0];
    return rejections;
  }

  async #writeBlock(block: LineBlock, isSuspected: boolean, signal: AbortSignal): Promise<Rejection[]> {
    const { retentionPolicy } = block;
    const send = (lines: Uint8Array) => this.#send(lines, retentionPolicy, signal);
    const verdict = await send(block.bytes);
    if (verdict.kind === 'written') return [];
    if (verdict.kind === 'refused') return separate(block, send, verdict);
    if (verdict.kind === 'too-large') return separate(block, send, 'too-large');
    if (verdict.kind === 'missing') throw verdict.error;
    if (!isSuspected || !verdict.suspect) throw new Failure(verdict.error, verdict.suspect);
    const doubtful = new DoubtfulSend(send);
    return separate(block, doubtful.send, undefined, doubtful);
  }

  async #send(lines: Uint8Array, retentionPolicy: string | undefined, signal: AbortSignal): Promise<Verdict> {
    const { client, admin } = this.#options;
    const verdict = classify(await client.write(lines, retentionPolicy, signal));
    if (verdict.kind === 'too-large') {
      this.#requestBytes = Math.max(MIN_REQUEST_BYTES, Math.min(this.#requestBytes, lines.length / 2));
    }
    if (verdict.kind !== 'missing') return verdict;
    // Somebody removed the database: it is made again. What is not there then has to be made by hand.
    await admin.open();
    return classify(await client.write(lines, retentionPolicy, signal));
  }
}

/** Makes something durable in the state file. Without it nothing may count as written. */
function keep(work: () => void): void {
  try {
    work();
  } catch (error) {
    const isDamaged = error instanceof FieldlineError && error.code === 'state_damaged';
    const message = error instanceof Error ? error.message : String(error);
    throw new SinkError(isDamaged ? 'damaged' : 'full', message, { cause: error });
  }
}
