import type { FastifyBaseLogger } from 'fastify';
import type { Device } from '../devices/device.js';
import type { AlarmStore } from '../state/alarms.js';
import type { StateFile } from '../state/state-file.js';
import { DeviceWatch, type KeptWatch, rowOf } from './device-watch.js';
import type { PendingChanges } from './pending-changes.js';
import type { RaisedAlarms } from './raised-alarms.js';

export interface WatchesOptions {
  readonly state: StateFile;
  readonly store: AlarmStore;
  readonly devices: { get(id: string): Device | undefined };
  readonly raised: RaisedAlarms;
  readonly pending: PendingChanges;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
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
      this.#options.raised.adopt(watch, watch.inherit(known));
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

  /** Takes over what is stored; offsets only where they are those of this journal. */
  restore(isSameJournal: boolean): void {
    const { store, devices, raised } = this.#options;
    for (const { device: id, offset, json } of store.watches()) {
      const device = devices.get(id);
      if (device === undefined) continue;
      const watch = new DeviceWatch(device);
      this.#watches.set(id, watch);
      watch.restore(JSON.parse(json) as KeptWatch, isSameJournal ? offset : 0);
      raised.adopt(watch);
    }
  }

  /**
   * Saves what is not saved, so many rows a transaction; between them others have their turn. `done` is called within
   * the last transaction, `saved` after it; none of them when that failed: then all is saved the next time.
   */
  save(rows: number, done: () => void, saved: () => void): void {
    this.#stopSaving();
    const slice = this.#dirty;
    this.#dirty = [];
    this.#saving = slice;
    for (const watch of slice) watch.isDirty = false;
    const next = (): void => {
      this.#next = undefined;
      if (!this.#saveSome(slice.splice(0, rows), () => slice.length === 0 && done())) this.#stopSaving();
      else if (slice.length > 0) this.#next = setImmediate(next);
      else saved();
    };
    next();
  }

  #saveSome(some: readonly DeviceWatch[], done: () => void): boolean {
    const { state, store, raised, pending, log } = this.#options;
    try {
      // A watch that knows of an alarm must not become durable before the alarm.
      if (!pending.flush()) throw new Error('alarms could not be kept');
      state.transaction(() => {
        for (const { device } of some) {
          // It may have been replaced since: its heir has what the saved offset leaves behind.
          const watch = this.#watches.get(device.id);
          if (watch === undefined) continue;
          store.saveWatch(rowOf(watch));
          raised.saveWorst(watch, store);
        }
        done();
      });
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

  /** What is not saved yet is saved the next time. */
  #stopSaving(): void {
    clearImmediate(this.#next);
    this.#next = undefined;
    for (const watch of this.#saving) this.touch(watch);
    this.#saving = [];
  }

  /** Begins nothing more by itself. */
  close(): void {
    this.#stopSaving();
  }

  forget(device: string): void {
    this.#watches.delete(device);
  }

  clear(): void {
    this.#stopSaving();
    this.#watches.clear();
    this.#dirty = [];
  }
}
