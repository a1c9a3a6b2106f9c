import type { Reading } from '@fieldline/journal';
import type { FastifyBaseLogger } from 'fastify';
import type { Device } from '../devices/device.js';
import type { AlarmWatches } from '../state/alarm-watches.js';
import type { AlarmStore } from '../state/alarms.js';
import type { StateFile } from '../state/state-file.js';
import type { DeviceWatch } from './device-watch.js';
import type { LeftOut } from './left-out.js';
import { PastBreaches } from './past-breaches.js';
import { PendingChanges, type PendingChangesOptions } from './pending-changes.js';
import { RaisedAlarms } from './raised-alarms.js';
import type { Judgement } from './series.js';
import { Silences } from './silences.js';
import { Watches } from './watches.js';

export interface JudgingOptions extends Pick<PendingChangesOptions, 'most' | 'owe' | 'tell'> {
  readonly state: StateFile;
  readonly store: AlarmStore;
  readonly stored: AlarmWatches;
  readonly devices: { get(id: string): Device | undefined; all(): Iterable<Device> };
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly leftOut: LeftOut;
  readonly now: () => number;
}

/**
 * Judges readings by the limits of their devices, and devices by their silence. It knows how things stand; where in the
 * journal that is, {@link JournalFollower} knows.
 */
export class Judging {
  readonly pending: PendingChanges;
  readonly raised: RaisedAlarms;
  readonly past: PastBreaches;
  readonly silences: Silences;
  readonly watches: Watches;
  readonly #options: JudgingOptions;
  /** Of the reading that is judged. */
  #watch: DeviceWatch | undefined;

  constructor(options: JudgingOptions) {
    const { store, now } = options;
    this.#options = options;
    this.pending = new PendingChanges(options);
    this.past = new PastBreaches(store, this.pending);
    this.raised = new RaisedAlarms(this.pending, this.past, now);
    this.silences = new Silences(this.raised, now);
    this.watches = new Watches({
      ...options,
      pending: this.pending,
      adopt: (watch, left) => {
        this.past.adopt(watch, left);
        this.raised.adopt(watch, left);
      },
      alsoSave: (watch) => this.raised.saveWorst(watch, store),
    });
  }

  /** Begins with how things stood when they were stored. @throws where that cannot be read at all */
  restore(isSameJournal: boolean): void {
    const { store, devices } = this.#options;
    this.rest();
    this.watches.clear();
    this.past.clear();
    this.raised.restore(store.open());
    this.watches.restore(isSameJournal);
    this.raised.endOrphans((device) => devices.get(device) !== undefined);
    this.silences.restore();
  }

  /** Judges the reading at an offset of the journal. What was judged before a restart is not judged again. */
  take(offset: number, reading: Reading, isReplay: boolean): void {
    let watch = this.#watch;
    if (watch === undefined || watch.device.id !== reading.device || watch.isOutdated) {
      watch = this.watches.of(reading.device);
      this.#watch = watch;
      if (watch === undefined) return;
    }
    if (watch.metrics.length === 0 || (isReplay && offset <= watch.offset)) return;
    if (offset > watch.offset) watch.offset = offset;
    if (!watch.isDirty) this.watches.touch(watch);
    watch.take(reading, this.#tell);
  }

  /** What comes of time; called every `everyMs`. */
  tick(everyMs: number): void {
    this.watches.renew();
    this.raised.confirmUnfinished();
    this.past.settle(everyMs);
    this.silences.look(this.#options.devices.all(), everyMs);
  }

  /** Ends what there is of a device that is deleted. */
  forget(device: string): void {
    this.past.forget(device);
    this.watches.forget(device);
    this.silences.forget(device);
    this.#watch = undefined;
    this.raised.endOf(device, 'device_deleted');
    this.pending.flush();
  }

  /** Lets go of what waits to be made durable, and begins nothing more by itself, until it is restored. */
  rest(): void {
    this.stop();
    this.pending.clear();
    this.#watch = undefined;
  }

  /** Begins nothing more by itself. */
  stop(): void {
    this.silences.close();
    this.watches.close();
    this.pending.stop();
  }

  readonly #tell = (judgement: Judgement): void => {
    if (this.#watch) this.raised.take(this.#watch, judgement);
  };
}
