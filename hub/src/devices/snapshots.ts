import type { Entry, Journal, Reading } from '@fieldline/journal';
import type { FastifyBaseLogger } from 'fastify';
import type { Device } from './device.js';
import type { Devices } from './devices.js';
import { parseSnapshot, restoreSnapshot, snapshotOf } from './snapshot.js';

/** Where snapshots are kept (state/device-snapshots.ts). */
export interface SnapshotStore {
  all(onDamage: (error: unknown) => void): Iterable<{ readonly device: string; readonly json: string }>;
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
    const { store, journal } = this.options;
    const saved = store.offset();
    const isSameJournal = saved?.journal === journal.id;
    const restored = this.restore(isSameJournal);
    // Without a snapshot of this journal there is nothing to catch up with, beyond what it kept for us.
    const kept = journal.attach(CURSOR, { bytes: journal.stats().maxBytes / 4, ageMs: CURSOR_AGE_MS });
    // Offsets of the journal before tell nothing of this one, also at the starts that follow.
    if (!isSameJournal) store.save({ journal: journal.id, offset: kept }, restored.map(rowOf));
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

  /**
   * Takes over what is stored; offsets only where they are those of this journal. What is damaged is left out: that device
   * begins anew.
   */
  private restore(isSameJournal: boolean): Device[] {
    const { store, devices, log } = this.options;
    const restored: Device[] = [];
    const errors: unknown[] = [];
    for (const { device: id, json } of store.all((error) => errors.push(error))) {
      const device = devices.get(id);
      if (!device) continue;
      try {
        const saved = parseSnapshot(json);
        restoreSnapshot(device, isSameJournal ? saved : { ...saved, offset: 0 });
        restored.push(device);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) {
      const fields = { err: errors[0], devices: errors.length };
      log.warn(fields, 'what is stored of some devices is damaged: they begin without latest values');
    }
    return restored;
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
        if (changed.length === 0) journal.commit(CURSOR, reflects.offset);
      } catch (error) {
        log.warn({ err: error }, 'latest values could not be saved; they stay in the journal');
        return;
      }
      if (changed.length > 0) this.next = setImmediate(saveSome);
    };
    saveSome();
  }

  /** Those that are saved are dirty no more; what is deleted is left out. */
  private saveSome(some: readonly Device[], reflects: Parameters<SnapshotStore['save']>[0]): void {
    const { store, devices } = this.options;
    const known = some.filter((device) => devices.get(device.id) === device);
    const rows = known.map(rowOf);
    store.save(reflects, rows);
    for (const device of some) this.dirty.delete(device);
  }
}

function rowOf(device: Device): { device: string; json: string } {
  return { device: device.id, json: JSON.stringify(snapshotOf(device)) };
}
