import { applyRange, classify, type SeqRange, type Watermark } from '@fieldline/journal';
import { UptimeClock } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';
import type { Origin } from './origin.js';

/** Consecutive numbers of one boot, from one origin, in one batch: what the batch answers when it is synced. */
export interface Mark extends SeqRange {
  last: number;
  readonly state: BootState;
  readonly origin: Origin;
  /** How many of its messages filled a gap below numbers that may be durable already. */
  late: number;
  messages: number;
}

/**
 * One boot of one device: which messages were received, which of them are on disk, and its clock.
 *
 * `received` runs ahead of the journal's watermark by what is waiting for a sync; after a restart both are
 * the journal's.
 */
export class BootState {
  readonly device: Device;
  readonly name: string;
  /** Highest number that is on disk, with all that were received below it once `lateUnsynced` is 0. */
  durable: number | null;
  /** Messages of this boot that wait for a sync. */
  unsynced = 0;
  /** Those of them whose number is below one that may be durable: no ack may pass them. */
  lateUnsynced = 0;
  /** The lowest of those; meaningless when there are none. */
  lowestLate = 0;
  /** Who sent a duplicate, or waits for a late number, of another origin: told of every sync until none is left. */
  readonly askers = new Set<Origin>();
  readonly clock = new UptimeClock();
  /** The mark of the open batch, and the batch that it belongs to. */
  mark: Mark | null = null;
  markBatch: object | null = null;

  /** Highest number received; 0 for none. */
  high: number;
  /** Missing below it. */
  private gaps: Watermark['gaps'];

  constructor(device: Device, name: string, onDisk: Watermark | null) {
    this.device = device;
    this.name = name;
    this.high = onDisk?.high ?? 0;
    this.gaps = onDisk?.gaps ?? [];
    this.durable = onDisk?.high ?? null;
  }

  /** The highest number that an ack may carry now; null for none. */
  get acked(): number | null {
    if (this.durable === null || this.lateUnsynced === 0) return this.durable;
    return Math.min(this.durable, this.lowestLate - 1);
  }

  /** What a number is to what was received so far. Looks, changes nothing. */
  classify(seq: number): 'new' | 'late' | 'duplicate' {
    return seq > this.high ? 'new' : classify(this.received, seq);
  }

  /**
   * Takes note that a message was received.
   * @returns how many numbers are newly missing; those below the first message of a boot do not count, since
   * nobody knows whether they were ever sent
   */
  receive(seq: number): number {
    if (seq === this.high + 1) {
      this.high = seq;
      return 0;
    }
    const missing = this.high > 0 && seq > this.high ? seq - this.high - 1 : 0;
    const { high, gaps } = applyRange(this.received, seq, seq);
    this.high = high;
    this.gaps = gaps;
    return missing;
  }

  private get received(): Watermark {
    return { boot: this.name, high: this.high, gaps: this.gaps };
  }
}
