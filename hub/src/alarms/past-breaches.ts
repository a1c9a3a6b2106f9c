import type { AlarmView } from '@fieldline/protocol';
import type { AlarmStore } from '../state/alarms.js';
import { msOf, raisedView } from './alarm-views.js';
import type { DeviceWatch } from './device-watch.js';
import type { PendingChanges } from './pending-changes.js';
import { worse } from './rule.js';
import type { Judgement, Series } from './series.js';

/** An alarm of the past that channels have not been told of. */
interface Growing {
  readonly alarm: AlarmView;
  readonly watch: DeviceWatch;
  readonly series: Series;
  /** For how long nothing more of it has come, ms. */
  quietMs: number;
}

/** Channels are told of an alarm of the past once nothing more of it has come for so long. */
const QUIET_MS = 5_000;

/**
 * Breaches that were over before the hub heard of them: one alarm each, however many messages tell of it and however often.
 * Which one of a series channels have still to be told of is kept with the series, over restarts.
 */
export class PastBreaches {
  readonly #store: Pick<AlarmStore, 'overlapping' | 'get'>;
  readonly #pending: PendingChanges;
  /** The last one of each series: readings of one backlog belong together. */
  #last = new WeakMap<Series, AlarmView>();
  /** At most one of each series. */
  readonly #growing = new Map<string, Growing>();

  constructor(store: Pick<AlarmStore, 'overlapping' | 'get'>, pending: PendingChanges) {
    this.#store = store;
    this.#pending = pending;
  }

  /** Takes what a reading tells of the past. */
  take(watch: DeviceWatch, told: Extract<Judgement, { kind: 'past' }>): void {
    const { series, worst, seenAt } = told;
    const [from, to] = [msOf(told.since), msOf(told.to)];
    const known = this.#known(watch.device.id, series, from, to);
    const alarm: AlarmView = {
      ...(known ?? raisedView(watch.device.id, series, { ...told, past: true })),
      clearedAt: Math.max(known?.clearedAt ?? 0, to),
      clearedSeenAt: msOf(seenAt),
      end: 'well',
      state: 'cleared',
      since: Math.min(known?.since ?? from, from),
      worst: worse(series.rule, known?.worst ?? null, worst),
    };
    // What was raised in its time is not made longer by what comes late.
    if (known && (!known.past || isSame(known, alarm))) this.#last.set(series, known);
    else this.grow(watch, series, alarm);
  }

  /** Notes what is known by now of an alarm of the past; channels are told later. */
  grow(watch: DeviceWatch, series: Series, alarm: AlarmView): void {
    if (series.untold !== null && series.untold !== alarm.id) this.#tell(series.untold);
    this.#last.set(series, alarm);
    series.untold = alarm.id;
    this.#growing.set(alarm.id, { alarm, watch, series, quietMs: 0 });
    this.#pending.note('late', alarm, watch);
  }

  /** Has channels told of what has been quiet; called every `everyMs`. */
  settle(everyMs: number): void {
    for (const [id, growing] of this.#growing) {
      growing.quietMs += everyMs;
      if (growing.quietMs >= QUIET_MS) this.#tell(id);
    }
  }

  /** The series of this watch are those of its device from now on; of those that it has not, all is told. */
  adopt(watch: DeviceWatch, left: readonly Series[] = []): void {
    for (const series of [...watch.series(), ...left]) {
      if (series.untold === null) continue;
      const alarm = this.#growing.get(series.untold)?.alarm ?? this.#store.get(series.untold);
      if (alarm === undefined) series.untold = null;
      else this.#growing.set(alarm.id, { alarm, watch, series, quietMs: 0 });
    }
    for (const { untold } of left) if (untold !== null) this.#tell(untold);
  }

  /** Nothing more comes of a device that is gone. */
  forget(device: string): void {
    for (const [id, { watch }] of this.#growing) if (watch.device.id === device) this.#tell(id);
  }

  /** Takes in that somebody has seen an alarm. */
  acknowledged(alarm: AlarmView): void {
    const growing = this.#growing.get(alarm.id);
    if (growing) this.#growing.set(alarm.id, { ...growing, alarm });
    // Where more comes of it, it is looked up as it is now.
    this.#last = new WeakMap();
  }

  clear(): void {
    this.#growing.clear();
  }

  #tell(id: string): void {
    const growing = this.#growing.get(id);
    if (growing === undefined) return;
    const { alarm, watch, series } = growing;
    this.#growing.delete(id);
    series.untold = null;
    this.#pending.note('past', alarm, watch);
  }

  #known(device: string, series: Series, from: number, to: number): AlarmView | undefined {
    const last = this.#last.get(series);
    if (last && last.since <= to && (last.clearedAt ?? to) >= from) return last;
    const { metric, level } = series.rule;
    const limit = { device, metric, level };
    return this.#pending.overlapping(limit, from, to) ?? this.#store.overlapping(limit, from, to);
  }
}

function isSame(one: AlarmView, other: AlarmView): boolean {
  return one.since === other.since && one.clearedAt === other.clearedAt && one.worst === other.worst;
}
