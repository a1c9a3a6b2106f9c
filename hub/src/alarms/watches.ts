import type { FastifyBaseLogger } from 'fastify';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import type { AlarmWatches, KeptWatchRow } from '../state/alarm-watches.js';
import type { StateFile } from '../state/state-file.js';
import { DeviceWatch, type KeptWatch, rowOf } from './device-watch.js';
import type { LeftOut } from './left-out.js';
import type { PendingChanges } from './pending-changes.js';
import type { Series } from './series.js';

export interface WatchesOptions {
  readonly state: StateFile;
  readonly stored: AlarmWatches;
  readonly devices: { get(id: string): Device | undefined };
  readonly pending: Pick<PendingChanges, 'flush'>;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly leftOut: LeftOut;
  /** The series of this watch are those of its device from now on; those that are left belong to limits that it has not. */
  readonly adopt: (watch: DeviceWatch, left: readonly Series[]) => void;
  /** Stores what else is known of a watch, in the transaction that saves it. */
  readonly alsoSave: (watch: DeviceWatch) => void;
}

/** The watches of all devices that were heard. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #watches = new Map<string, DeviceWatch>();
  /** Those that are not saved as they are. */
  #dirty: DeviceWatch[] = [];
  /** Those of a save that is under way. */
  #saving: readonly DeviceWatch[] = [];
  #next: NodeJS.Immediate | undefined;

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  [Symbol.iterator](): Iterator<DeviceWatch> {
    return this.#watches.values();
  }

  /** The watch of a device by its present limits; undefined for one that does not exist. */
  of(id: string): DeviceWatch | undefined {
    const known = this.#watches.get(id);
    if (known !== undefined && !known.isOutdated) return known;
    const device = known?.device ?? this.#options.devices.get(id);
    if (device === undefined) return undefined;
    const watch = new DeviceWatch(device);
    this.#watches.set(id, watch);
    if (known !== undefined) {
      this.#options.adopt(watch, watch.inherit(known));
      this.touch(watch);
    }
    return watch;
  }

  /** Has a watch saved the next time. */
  touch(watch: DeviceWatch): void {
    if (watch.isDirty) return;
    watch.isDirty = true;
    this.#dirty.push(watch);
  }

  /** Judges by new limits where a profile or a type has changed, also those devices that say nothing. */
  renew(): void {
    for (const watch of this.#watches.values()) if (watch.isOutdated) this.of(watch.device.id);
  }

  /**
   * Takes over what is stored; offsets only where they are those of this journal. What is damaged is left out: that device
   * begins anew.
   */
  restore(isSameJournal: boolean): void {
    for (const row of this.#options.stored.all()) {
      try {
        this.#restoreOne(row, isSameJournal);
      } catch (error) {
        if (error instanceof FieldlineError && error.code !== 'state_damaged') throw error;
        this.#watches.delete(row.device);
        this.#options.leftOut.row(error);
      }
    }
  }

  #restoreOne({ device: id, offset, json }: KeptWatchRow, isSameJournal: boolean): void {
    const device = this.#options.devices.get(id);
    if (device === undefined) return;
    const watch = new DeviceWatch(device);
    watch.restore(JSON.parse(json) as KeptWatch, isSameJournal ? offset : 0);
    this.#watches.set(id, watch);
    this.#options.adopt(watch, []);
  }

  /**
   * Saves what is not saved, so many rows a transaction; between them others have their turn. `done` is called within
   * the last transaction, `saved` after it; none of them when that failed: then all is saved the next time.
   */
  save(rows: number, done: () => void, saved: () => void): void {
    this.close();
    const slice = this.#dirty;
    this.#dirty = [];
    this.#saving = slice;
    for (const watch of slice) watch.isDirty = false;
    const next = (): void => {
      this.#next = undefined;
      const isLast = slice.length <= rows;
      if (!this.#saveSome(slice.splice(0, rows), isLast ? { done, saved } : null)) this.close();
      else if (!isLast) this.#next = setImmediate(next);
    };
    next();
  }

  #saveSome(some: readonly DeviceWatch[], last: { done(): void; saved(): void } | null): boolean {
    const { state, stored, alsoSave, pending, log } = this.#options;
    try {
      // A watch that knows of an alarm must not become durable before the alarm.
      if (!pending.flush()) throw new Error('alarms could not be kept');
      state.transaction(() => {
        for (const { device } of some) {
          // It may have been replaced since: its heir has what the saved offset leaves behind.
          const watch = this.#watches.get(device.id);
          if (watch === undefined) continue;
          stored.save(rowOf(watch));
          alsoSave(watch);
        }
        last?.done();
      });
      last?.saved();
      return true;
    } catch (error) {
      log.warn(
        { err: error },
        'how readings stand with their limits could not be saved; the journal has them',
      );
      for (const watch of some) this.touch(watch);
      return false;
    }
  }

  /** Begins nothing more by itself: what is not saved yet is saved the next time. */
  close(): void {
    clearImmediate(this.#next);
    this.#next = undefined;
    for (const watch of this.#saving) this.touch(watch);
    this.#saving = [];
  }

  forget(device: string): void {
    this.#watches.delete(device);
  }

  clear(): void {
    this.close();
    this.#watches.clear();
    this.#dirty = [];
  }
}
