import type { JournalStats } from '@fieldline/journal';
import { type DecodedFrame, decodeIngestMessage, type IngestAnswer } from '@fieldline/protocol';
import type { Device, RateConfig } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import type { Source } from '../ops/counters.js';
import type { Flow } from './flow.js';
import type { GroupCommit } from './group-commit.js';
import type { Ingest, Outcome } from './ingest.js';
import type { Origin } from './origin.js';
import type { Reject } from './rejects.js';

export interface SubmitOptions {
  readonly ingest: Ingest;
  readonly commit: GroupCommit;
  readonly flow: Flow;
  readonly journal: { stats(): Pick<JournalStats, 'trouble'> };
  readonly devices: { get(id: string): Device | undefined };
  /** What a device may send; it counts with what it sends over its socket. */
  readonly rate: RateConfig;
  /** Keeps what could not be decoded. */
  readonly refuse: (device: Device, source: Source, raw: string, reason: string, nowMs: number) => void;
  readonly now: () => number;
}

/** How long a request waits for the disk before it is told to come again. */
const SYNC_WITHIN_MS = 10_000;
const RETRY_AFTER_MS = 2_000;

/** The answer to a request covers everything up to now: nobody waits for single messages. */
const NOBODY: Origin = { settled: () => {}, ackDue: () => {} };

/** Those who want to be told at once what is wrong with single messages; `seq` where they have one. */
export interface Faults {
  reject(reject: Reject, seq: number | undefined): void;
  malformed(reason: string, seq: number | undefined): void;
}

/** Ingest for wires that bring several messages and want one answer after the sync: HTTP, and MQTT. */
export class Submit {
  private readonly options: SubmitOptions;

  constructor(options: SubmitOptions) {
    this.options = options;
  }

  /**
   * Takes messages of a device, and resolves when all of them are on disk.
   * @throws FieldlineError 404 `unknown_device`; 429 `rate_limited` with `retryAfterMs`: nothing was taken, come
   *   again; 503 `journal_unavailable` with `retryAfterMs`: come again with the same messages, those with boot
   *   and seq are stored once
   */
  async submit(
    id: string,
    messages: readonly unknown[],
    source: Source,
    faults: Faults | null = null,
  ): Promise<IngestAnswer> {
    const { devices, commit, journal, flow, rate, now } = this.options;
    const device = devices.get(id);
    if (!device) throw new FieldlineError('unknown_device', `no device is called ${id}`, { status: 404 });
    const trouble = journal.stats().trouble;
    if (trouble !== null) throw unavailable(trouble);
    if (commit.isInTrouble || flow.isClosed) throw unavailable(commit.isInTrouble ? 'disk' : 'overload');
    const nowMs = now();
    device.lastSeen = nowMs;
    const waitMs = device.rateLimit(rate, nowMs).takeTogether(messages.length, nowMs);
    if (waitMs > 0) throw rateLimited(id, rate.rateLimit, waitMs);
    const answer: Tally = { accepted: 0, duplicates: 0, rejected: [] };
    for (const [index, message] of messages.entries()) {
      this.take(device, message, index, source, nowMs, answer, faults);
    }
    if (!(await within(commit.synced(), SYNC_WITHIN_MS))) throw unavailable('sync');
    return answer;
  }

  private take(
    device: Device,
    message: unknown,
    index: number,
    source: Source,
    nowMs: number,
    answer: Tally,
    faults: Faults | null,
  ): void {
    const { ingest, refuse } = this.options;
    const frame = decodeIngestMessage(message);
    let outcome: Outcome;
    if (frame.kind === 'telemetry') {
      outcome = ingest.telemetry(device, NOBODY, source, frame.message, null, nowMs);
      for (const reject of outcome.rejects ?? []) faults?.reject(reject, frame.message.seq);
    } else if (frame.kind === 'reading' && Object.keys(frame.values).length > 0) {
      outcome = ingest.bare(device, source, frame.values, nowMs);
    } else {
      const reason = faultOf(frame);
      refuse(device, source, JSON.stringify(message) ?? '', reason, nowMs);
      answer.rejected.push({ index, code: 'malformed', message: reason });
      faults?.malformed(reason, frame.kind === 'malformed' ? frame.seq : undefined);
      return;
    }
    if (outcome.kind === 'duplicate') {
      answer.duplicates++;
      return;
    }
    const rejects = outcome.rejects ?? [];
    for (const { metric, code, message: text } of rejects) {
      answer.rejected.push({ index, ...(metric === undefined ? {} : { metric }), code, message: text });
    }
    if (outcome.readings > 0 || rejects.length === 0) answer.accepted++;
  }
}

function faultOf(frame: DecodedFrame): string {
  if (frame.kind === 'malformed') return frame.message;
  return frame.kind === 'reading' ? 'values, rows or columns expected' : 'only telemetry can be sent here';
}

/** An answer in the making. */
interface Tally {
  /** Messages of which something, or at least nothing wrong, was stored. */
  accepted: number;
  duplicates: number;
  readonly rejected: IngestAnswer['rejected'][number][];
}

function rateLimited(id: string, perSecond: number, retryAfterMs: number): FieldlineError {
  const text = `device ${id} may send ${perSecond} messages a second; none of these was taken, send them again`;
  return new FieldlineError('rate_limited', text, { status: 429, retryAfterMs });
}

function unavailable(why: string): FieldlineError {
  const text = `nothing can be made durable at the moment (${why}); nothing is lost, send it again`;
  return new FieldlineError('journal_unavailable', text, { status: 503, retryAfterMs: RETRY_AFTER_MS });
}

async function within(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
