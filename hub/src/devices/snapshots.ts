import type { Entry, Journal, Reading, Value } from '@fieldline/journal';
import type { FastifyBaseLogger } from 'fastify';
import type { Device } from './device.js';
import type { Devices } from './devices.js';
import type { KeptStanding } from './standing.js';

/** Where snapshots are kept (state/device-snapshots.ts). */
export interface SnapshotStore {
  all(): Iterable<{ readonly device: string; readonly json: string }>;
  offset(): { readonly journal: string; readonly offset: number } | undefined;
  save(
    reflects: { journal: string; offset: number } | null,
    rows: readonly { device: string; json: string }[],
  ): void;
}

export interface SnapshotsOptions {
  readonly store: SnapshotStore;
  readonly devices: Devices;
  readonly journal: Journal;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
}

/** What is kept of a device. */
interface Snapshot {
  readonly lastSeen: number | null;
  readonly lastReading: number | null;
  readonly firmware: string | null;
  readonly boot: string | null;
  readonly address: string | null;
  readonly counters: Device['counters'];
  /** The value is null where the last one was of another type. */
  readonly latest: Readonly<Record<string, readonly [time: number, value: Value | null]>>;
  /** The interval that was learned, ms. Absent, like `standing`, where an older version has written this. */
  readonly interval?: number | null;
  readonly standing?: KeptStanding;
  /** Everything up to this offset of the journal is in it. */
  readonly offset: number;
}

const SAVE_EVERY_MS = 5_000;
/** Devices a transaction: 10,000 at once would hold up the loop. */
const ROWS = 500;
/** Name of the journal cursor that keeps what the snapshots do not reflect yet. */
const CURSOR = 'snapshots';
/** Only the history may fill the journal (protocol §3): latest values that cannot be saved for a day are let go. */
const CURSOR_AGE_MS = 86_400_000;

/**
 * Keeps latest values, counters and "last seen" over a restart. They are saved every few seconds; what came
 * after is read from the journal at the next start, so that a kill loses nothing.
 */
export class Snapshots {
  static readonly cursor = CURSOR;
  private readonly options: SnapshotsOptions;
  private readonly dirty = new Set<Device>();
  private timer: NodeJS.Timeout | null = null;
  /** Goes on with a save that is under way. */
  private next: NodeJS.Immediate | null = null;
  /**
   * Up to where in the journal the devices reflect it. Its head may be beyond that: a batch is taken only
   * after those before it.
   */
  private taken = 0;

  constructor(options: SnapshotsOptions) {
    this.options = options;
  }

  /** Brings the devices to where the journal's head is. */
  async open(): Promise<void> {
    const { store, devices, journal } = this.options;
    const saved = store.offset();
    const isSameJournal = saved?.journal === journal.id;
    for (const { device: id, json } of store.all()) {
      const device = devices.get(id);
      if (device) restore(device, JSON.parse(json) as Snapshot, isSameJournal);
    }
    // Without a snapshot of this journal there is nothing to catch up with, beyond what it kept for us.
    const kept = journal.attach(CURSOR, { bytes: journal.stats().maxBytes / 4, ageMs: CURSOR_AGE_MS });
    if (!isSameJournal) store.save({ journal: journal.id, offset: kept }, []);
    let after = isSameJournal ? Math.min(saved.offset, journal.head) : kept;
    while (after < journal.head) {
      const entries = await journal.read(after, 10_000);
      const last = entries.at(-1);
      if (!last) break;
      for (const entry of entries) this.replay(entry);
      after = last.last;
    }
    this.taken = journal.head;
    this.timer = setInterval(() => this.save(ROWS), SAVE_EVERY_MS);
  }

  /** Takes what has just become durable. */
  take(entry: Entry, readings: readonly Reading[] = entry.readings()): void {
    const { devices } = this.options;
    let offset = entry.first;
    for (const reading of readings) {
      const device = devices.get(reading.device);
      if (device) {
        device.take(reading, offset);
        this.dirty.add(device);
      }
      offset++;
    }
    this.taken = Math.max(this.taken, entry.last);
  }

  /** Something of a device changed that is not a reading. */
  touch(device: Device): void {
    this.dirty.add(device);
  }

  close(): void {
    this.abandon();
    this.save(Number.POSITIVE_INFINITY);
  }

  /** Stops without saving, as a kill would: the journal has everything. */
  abandon(): void {
    if (this.timer) clearInterval(this.timer);
    if (this.next) clearImmediate(this.next);
    this.next = null;
  }

  private replay(entry: Entry): void {
    let offset = entry.first;
    let before = '';
    for (const reading of entry.readings()) {
      const device = this.options.devices.get(reading.device);
      if (device && offset > device.lastOffset) {
        const message = `${reading.device} ${reading.boot} ${reading.seq}`;
        if (reading.seq === 0 || message !== before) device.counters.received++;
        before = message;
        device.take(reading, offset);
        this.dirty.add(device);
      }
      offset++;
    }
  }

  /**
   * Saves what has changed, so many devices a transaction; between them others have their turn. What is saved last
   * carries the offset that all of them reflect: a kill in between repeats, loses nothing.
   */
  private save(rows: number): void {
    if (this.next || this.dirty.size === 0) return;
    const { journal, log } = this.options;
    const reflects = { journal: journal.id, offset: this.taken };
    const changed = [...this.dirty];
    const saveSome = (): void => {
      this.next = null;
      const some = changed.splice(0, rows);
      try {
        this.saveSome(some, changed.length === 0 ? reflects : null);
      } catch (error) {
        log.warn({ err: error }, 'latest values could not be saved; they stay in the journal');
        return;
      }
      if (changed.length > 0) this.next = setImmediate(saveSome);
      else journal.commit(CURSOR, reflects.offset);
    };
    saveSome();
  }

  /** Those that are saved are dirty no more; what is deleted is left out. */
  private saveSome(some: readonly Device[], reflects: Parameters<SnapshotStore['save']>[0]): void {
    const { store, devices } = this.options;
    const known = some.filter((device) => devices.get(device.id) === device);
    const rows = known.map((device) => ({ device: device.id, json: JSON.stringify(snapshot(device)) }));
    store.save(reflects, rows);
    for (const device of some) this.dirty.delete(device);
  }
}

function snapshot(device: Device): Snapshot {
  const latest: Record<string, readonly [number, Value | null]> = {};
  for (const [name, { latestTime, latestValue }] of device.metrics) {
    if (latestTime !== 0) latest[name] = [latestTime, latestValue];
  }
  const { lastSeen, lastReading, firmware, boot, address, counters, lastOffset } = device;
  const interval = device.arrivals.intervalMs;
  const standing = device.standing.kept();
  return {
    ...{ lastSeen, lastReading, firmware, boot, address, counters, latest, offset: lastOffset },
    ...{ interval, standing },
  };
}

function restore(device: Device, saved: Snapshot, isSameJournal: boolean): void {
  device.lastSeen = saved.lastSeen;
  device.lastReading = saved.lastReading;
  device.firmware = saved.firmware;
  device.boot = saved.boot;
  device.address = saved.address;
  Object.assign(device.counters, saved.counters);
  device.arrivals.restore(saved.interval ?? null);
  if (saved.standing) device.standing.restore(saved.standing);
  device.lastOffset = isSameJournal ? saved.offset : 0;
  for (const [name, [time, value]] of Object.entries(saved.latest)) {
    const metric = device.metrics.get(name);
    if (!metric) continue;
    metric.latestTime = time;
    // It may have been given another type since.
    metric.latestValue = typeof value === metric.type ? value : null;
  }
}
