import type { Batch, Entry, Journal, Watermark } from '@fieldline/journal';
import { loadProfile, type Profile } from '@fieldline/protocol';
import { Device } from '../devices/device.js';
import { Counters } from '../ops/counters.js';
import type { Mark } from './boot-state.js';
import { GroupCommit } from './group-commit.js';
import { Ingest } from './ingest.js';
import type { Origin } from './origin.js';
import { ValueCheck } from './validate.js';

/** A sync that the test ends: by success or by a failure. */
export interface PendingAppend {
  readonly batch: Batch;
  succeed(): void;
  fail(error: Error): void;
}

/** A journal whose appends end when the test says so. */
export class HeldJournal {
  readonly pending: PendingAppend[] = [];
  readonly written: Batch[] = [];
  private head = 0;

  append(batch: Batch): Promise<Entry> {
    return new Promise((resolve, reject) => {
      this.pending.push({
        batch,
        succeed: () => {
          const first = this.head + 1;
          this.head += batch.readings.length;
          this.written.push(batch);
          resolve({ first, last: this.head, packed: new Uint8Array(), readings: () => batch.readings });
        },
        fail: reject,
      });
    });
  }

  /** Of every device. */
  marks: Watermark[] = [];

  watermarks(): readonly Watermark[] {
    return this.marks;
  }

  /** Ends the oldest append under way, once there is one. */
  async next(): Promise<PendingAppend> {
    while (this.pending.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return this.pending.shift() as PendingAppend;
  }
}

/** Notes what it is told. */
export class NotingOrigin implements Origin {
  readonly marks: Mark[] = [];
  readonly due: string[] = [];
  settled(mark: Mark): void {
    this.marks.push(mark);
  }
  ackDue(state: { name: string }): void {
    this.due.push(state.name);
  }
}

export function profileOf(yaml: string): Profile {
  return loadProfile(yaml, 'test.yaml');
}

export function deviceOf(id = 'esp-1', profile?: Profile): Device {
  const record = { id, name: null, profile: profile?.name ?? null, tags: {}, disabled: false, createdAt: 0 };
  const device = new Device(record);
  device.setProfile(profile);
  return device;
}

export interface Quarantined {
  readonly device: string;
  readonly metric: string | null;
  readonly code: string;
  readonly value: unknown;
}

/** The way of a message without sockets and without a disk. */
export function ingestOf(
  limits: Partial<{ metricsPerReading: number; metricsPerDevice: number; rowsPerMessage: number }> = {},
) {
  const journal = new HeldJournal();
  const counters = new Counters();
  const quarantine: Quarantined[] = [];
  const trouble: (Error | null)[] = [];
  const durable: Entry[] = [];
  /** How many values were in quarantine whenever a batch was about to be written. */
  const prepared: number[] = [];
  const all = { metricsPerReading: 64, metricsPerDevice: 256, rowsPerMessage: 1_000, ...limits };
  const commit = new GroupCommit({
    journal: journal as unknown as Journal,
    delayMs: () => 1,
    prepare: () => prepared.push(quarantine.length),
    onDurable: (entry) => durable.push(entry),
    onTrouble: (error) => trouble.push(error),
    onBacklog: () => {},
  });
  const check = new ValueCheck(all, () => {});
  const ingest = new Ingest({
    journal,
    commit,
    check,
    quarantine: { add: (item) => quarantine.push(item) },
    counters,
    rowsPerMessage: all.rowsPerMessage,
  });
  return { journal, counters, quarantine, trouble, durable, prepared, commit, ingest };
}
