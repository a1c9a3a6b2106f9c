import { build, type Histogram } from 'hdr-histogram-js';

/** Times from a message's first transmission to its ack, in milliseconds. */
export interface LatencySummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What a fleet has done so far. */
export interface Summary {
  readonly devices: number;
  readonly online: number;
  readonly elapsedMs: number;
  /** Messages handed to the uplinks, each counted once. */
  readonly sent: number;
  /** Messages that the hub has on disk. */
  readonly acked: number;
  /** Values that the hub refused; their messages are acked all the same. */
  readonly rejected: number;
  /** The same by code. */
  readonly rejects: Readonly<Record<string, number>>;
  /** Transmissions of messages that had been transmitted before. */
  readonly resent: number;
  /** Readings that were not sent: an uplink's buffer was full, or this process too slow. */
  readonly missed: number;
  readonly reconnects: number;
  /** Errors of the uplinks by code, such as `unauthorized`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Null before the first ack. */
  readonly latencyMs: LatencySummary | null;
}

/** Latencies above this are counted as this: ten minutes. */
const MOST_LATENCY_US = 600_000_000;

/** The running counts of a fleet. */
export class Tally {
  sent = 0;
  #acked = 0;
  #missed = 0;
  readonly #rejects = new Map<string, number>();
  readonly #errors = new Map<string, number>();
  /** Microseconds, kept to three digits: its size does not grow with what it has seen. */
  readonly #latencyUs: Histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: MOST_LATENCY_US,
    numberOfSignificantValueDigits: 3,
  });

  /** @param latencyMs null where it is not known */
  ack(latencyMs: number | null): void {
    this.#acked += 1;
    if (latencyMs === null) return;
    const us = Math.min(Math.max(Math.round(latencyMs * 1_000), 1), MOST_LATENCY_US);
    this.#latencyUs.recordValue(us);
  }

  /** Readings that were not sent. */
  miss(count: number): void {
    this.#missed += count;
  }

  reject(code: string, count: number): void {
    this.#rejects.set(code, (this.#rejects.get(code) ?? 0) + count);
  }

  error(code: string): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  /** All counts, with those that the fleet takes from its devices. */
  summary(fleet: Pick<Summary, 'devices' | 'online' | 'elapsedMs' | 'resent' | 'reconnects'>): Summary {
    let rejected = 0;
    for (const count of this.#rejects.values()) rejected += count;
    return {
      ...fleet,
      sent: this.sent,
      acked: this.#acked,
      rejected,
      rejects: Object.fromEntries(this.#rejects),
      missed: this.#missed,
      errors: Object.fromEntries(this.#errors),
      latencyMs: this.#latency(),
    };
  }

  #latency(): LatencySummary | null {
    const histogram = this.#latencyUs;
    if (histogram.totalCount === 0) return null;
    const maxUs = histogram.maxValue;
    // The histogram answers with the upper end of a bucket, which may lie beyond the greatest value in it.
    const ms = (us: number) => Math.min(us, maxUs) / 1_000;
    return {
      p50: ms(histogram.getValueAtPercentile(50)),
      p99: ms(histogram.getValueAtPercentile(99)),
      max: ms(maxUs),
    };
  }
}
