import type { AlarmView } from '@fieldline/protocol';
import type { AlarmStore } from '../state/alarms.js';
import { msOf, raisedView } from './alarm-views.js';
import type { DeviceWatch } from './device-watch.js';
import type { PendingChanges } from './pending-changes.js';
import { worse } from './rule.js';
import type { Judgement, Series } from './series.js';

/** Breaches that were over before the hub heard of them: one alarm each, however many messages tell of it and however often. */
export class PastBreaches {
  readonly #store: Pick<AlarmStore, 'overlapping'>;
  readonly #pending: PendingChanges;
  /** The last one of each series: readings of one backlog belong together. */
  readonly #last = new WeakMap<Series, AlarmView>();

  constructor(store: Pick<AlarmStore, 'overlapping'>, pending: PendingChanges) {
    this.#store = store;
    this.#pending = pending;
  }

  /** What comes late may belong to this alarm, which is over. */
  remember(series: Series, alarm: AlarmView): void {
    this.#last.set(series, alarm);
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
    const isToldInTime = known !== undefined && !known.past;
    this.#last.set(series, isToldInTime ? known : alarm);
    if (isToldInTime || (known && isSame(known, alarm))) return;
    this.#pending.note('past', alarm, watch);
  }

  #known(device: string, series: Series, from: number, to: number): AlarmView | undefined {
    const last = this.#last.get(series);
    if (last && last.since <= to && (last.clearedAt ?? to) >= from) return last;
    const asked = [device, series.rule.metric, series.rule.level, from, to] as const;
    return this.#pending.overlapping(...asked) ?? this.#store.overlapping(...asked);
  }
}

function isSame(one: AlarmView, other: AlarmView): boolean {
  return one.since === other.since && one.clearedAt === other.clearedAt && one.worst === other.worst;
}
