import type { Journal, Watermark } from '@fieldline/journal';
import type { DecodedTelemetry } from '@fieldline/protocol';
import { UptimeClock } from '@fieldline/protocol';
import type { BootSource, Device } from '../devices/device.js';
import type { Counters, Source } from '../ops/counters.js';
import { BootState } from './boot-state.js';
import type { GroupCommit } from './group-commit.js';
import type { Origin } from './origin.js';
import { type ReadingContext, readBare, readTelemetry } from './readings.js';
import { type Reject, Rejects } from './rejects.js';
import type { ValueCheck } from './validate.js';

/** Takes refused values; they are made durable before the message is acked. */
export interface QuarantineStore {
  add(item: {
    device: string;
    time: number;
    metric: string | null;
    value: unknown;
    code: string;
    message: string;
    source: Source;
  }): void;
}

export interface IngestOptions {
  readonly journal: Pick<Journal, 'watermarks'>;
  readonly commit: GroupCommit;
  readonly check: ValueCheck;
  readonly quarantine: QuarantineStore;
  readonly counters: Counters;
  readonly rowsPerMessage: number;
}

/** What became of one message. `rejects` is null when nothing of it was refused. */
export interface Outcome {
  readonly kind: 'accepted' | 'duplicate';
  readonly readings: number;
  readonly rejects: readonly Reject[] | null;
}

/** What reading one message needs. There is one: 20,000 a second would be as much garbage. */
type Work = { -readonly [K in keyof ReadingContext]: ReadingContext[K] };

/** A message of more rows than this is rare enough to let its room go afterwards. */
const KEPT_PLACES = 64;

const STORED: Outcome = { kind: 'accepted', readings: 1, rejects: null };
const DUPLICATE: Outcome = { kind: 'duplicate', readings: 0, rejects: null };

/**
 * The way of every message, whichever wire brought it: was it received before → what of it is good → into the
 * batch that the next sync makes durable → its origin is told (`Origin.settled`), and acks.
 */
export class Ingest {
  private readonly options: IngestOptions;
  private readonly work: Work;
  private readonly boots: BootSource;

  constructor(options: IngestOptions) {
    this.options = options;
    this.work = newWork(options);
    this.boots = {
      load: (device) => this.load(device),
      create: (device, name) => new BootState(device, name, this.onDisk(device, name)),
    };
  }

  /**
   * Takes one telemetry message.
   * @param boot the message's own boot, else its session's; without one it is best effort
   */
  telemetry(
    device: Device,
    origin: Origin,
    source: Source,
    message: DecodedTelemetry,
    boot: string | null,
    nowMs: number,
  ): Outcome {
    const { commit, counters } = this.options;
    counters.messages[source]++;
    device.counters.received++;
    const seq = message.seq;
    const name = message.boot ?? boot;
    if (seq === undefined || name === null) return this.bestEffort(device, source, message, name, nowMs);

    const state = this.boot(device, name);
    const kind = state.classify(seq);
    if (kind === 'duplicate') {
      counters.duplicates++;
      device.counters.duplicates++;
      if (state.unsynced > 0) state.askers.add(origin);
      origin.ackDue(state);
      return DUPLICATE;
    }
    const work = this.begin(device, name, seq, state.clock, nowMs);
    this.countRepairs(device, readTelemetry(work, message));
    const missing = state.receive(seq);
    counters.gaps += missing;
    device.counters.gaps += missing;
    // What is refused goes first: adding may write the batch at once.
    this.refuse(work, source);
    commit.addNumbered(origin, state, seq, kind === 'late', work.into, work.count);
    return outcomeOf(work);
  }

  /** Takes one bare reading (protocol §1.1): best effort; what is refused goes only to the quarantine. */
  bare(device: Device, source: Source, values: Record<string, unknown>, nowMs: number): Outcome {
    this.options.counters.messages[source]++;
    device.counters.received++;
    const work = this.begin(device, '', 0, NO_CLOCK, nowMs);
    readBare(work, values);
    this.refuse(work, source);
    this.options.commit.add(work.into, work.count);
    return outcomeOf(work);
  }

  /**
   * A numbered message could not be parsed and was answered by an error. It is not missing then; but a number
   * that was found in a broken text is believed only where it is the one that was expected.
   */
  answered(device: Device, origin: Origin, boot: string | null, seq: number): void {
    if (boot === null) return;
    const state = this.boot(device, boot);
    if (seq !== state.high + 1) return;
    state.receive(seq);
    this.options.commit.addNumbered(origin, state, seq, false, [], 0);
  }

  /** What is known of a boot of a device; made when it is new. */
  boot(device: Device, name: string): BootState {
    return device.bootState(name, this.boots);
  }

  /** What is known of a boot, without making it. */
  findBoot(device: Device, name: string): BootState | undefined {
    const known = device.findBoot(name, this.boots);
    return known ?? (this.onDisk(device, name) === null ? undefined : this.boot(device, name));
  }

  private bestEffort(
    device: Device,
    source: Source,
    message: DecodedTelemetry,
    boot: string | null,
    nowMs: number,
  ): Outcome {
    const clock = boot === null ? new UptimeClock() : this.boot(device, boot).clock;
    const work = this.begin(device, '', 0, clock, nowMs);
    this.countRepairs(device, readTelemetry(work, message));
    this.refuse(work, source);
    this.options.commit.add(work.into, work.count);
    return outcomeOf(work);
  }

  /** Makes the one `Work` ready for the next message. It holds until that; whoever keeps something copies it. */
  private begin(device: Device, boot: string, seq: number, clock: UptimeClock, nowMs: number): Work {
    const { work } = this;
    work.device = device;
    work.boot = boot;
    work.seq = seq;
    work.clock = clock;
    work.nowMs = nowMs;
    work.count = 0;
    if (work.into.length > KEPT_PLACES) work.into.length = 0;
    if (work.rejects.total > 0) work.rejects = new Rejects();
    return work;
  }

  private countRepairs(device: Device, readings: number): void {
    if (readings === 0) return;
    this.options.counters.clockRepairs += readings;
    device.counters.clockRepairs += readings;
  }

  private refuse({ device, rejects, nowMs }: Work, source: Source): void {
    if (rejects.total === 0) return;
    device.counters.rejected += rejects.total;
    for (const { code, count } of rejects.summary) this.options.counters.reject(code, count);
    for (const item of rejects.values) {
      this.options.quarantine.add({ device: device.id, time: nowMs, source, ...item });
    }
    this.options.commit.touch();
  }

  /** Of a boot that is not in memory: the journal may remember more boots than were used since. */
  private onDisk(device: Device, name: string): Watermark | null {
    return this.options.journal.watermarks(device.id).find(({ boot }) => boot === name) ?? null;
  }

  private load(device: Device): BootState[] {
    const marks = this.options.journal.watermarks(device.id);
    return marks.map((mark) => new BootState(device, mark.boot, mark));
  }
}

/** For readings that are stamped on arrival: there is no uptime to map. */
const NO_CLOCK = new UptimeClock();

function newWork({ check, rowsPerMessage }: IngestOptions): Work {
  const nothing = { device: null as unknown as Device, boot: '', seq: 0, nowMs: 0, clock: NO_CLOCK };
  return { ...nothing, check, rowsPerMessage, rejects: new Rejects(), into: [], count: 0 };
}

function outcomeOf({ count, rejects }: Work): Outcome {
  if (count === 1 && rejects.total === 0) return STORED;
  return { kind: 'accepted', readings: count, rejects: rejects.total > 0 ? rejects.summary : null };
}
