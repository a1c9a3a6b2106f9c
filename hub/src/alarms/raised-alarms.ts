import type { AlarmEnd, AlarmLevel, AlarmView } from '@fieldline/protocol';
import type { AlarmStore } from '../state/alarms.js';
import { idOf, msOf, raisedView } from './alarm-views.js';
import type { DeviceWatch } from './device-watch.js';
import type { PastBreaches } from './past-breaches.js';
import type { PendingChanges } from './pending-changes.js';
import type { Judgement, Series } from './series.js';

/** What is known of an alarm that is not cleared. Without series: of a device that is silent. */
interface Raised {
  alarm: AlarmView;
  readonly watch: DeviceWatch | null;
  readonly series: Series | null;
}

/** Without a reading in time a breach that came late counts after this: it is not over, as far as is known. */
const SETTLE_MS = 30_000;

/** All alarms that are not cleared. */
export class RaisedAlarms {
  readonly #raised = new Map<string, Raised>();
  readonly #pending: PendingChanges;
  readonly #past: PastBreaches;
  readonly #now: () => number;

  constructor(pending: PendingChanges, past: PastBreaches, now: () => number) {
    this.#pending = pending;
    this.#past = past;
    this.#now = now;
  }

  /** Starts with what is stored, which nothing is known of yet but that. */
  restore(alarms: readonly AlarmView[]): void {
    this.#raised.clear();
    for (const alarm of alarms) this.#raised.set(alarm.id, { alarm, watch: null, series: null });
  }

  /** Takes what came of a reading. */
  take(watch: DeviceWatch, judgement: Judgement): void {
    const { kind, series } = judgement;
    const { id: device } = watch.device;
    if (kind === 'past') this.#past.take(watch, judgement);
    else if (kind === 'raised') this.raise(raisedView(device, series, judgement.alarm), watch, series);
    else if (kind === 'confirmed') this.#confirm(idOf(device, series, judgement.alarm.since));
    else this.#clear(watch, judgement);
  }

  raise(alarm: AlarmView, watch: DeviceWatch | null = null, series: Series | null = null): void {
    this.#raised.set(alarm.id, { alarm, watch, series });
    this.#pending.note(alarm.past ? 'late' : 'raised', alarm, watch);
  }

  #clear(
    watch: DeviceWatch,
    { series, alarm: open, at, seenAt }: Extract<Judgement, { kind: 'cleared' }>,
  ): void {
    const id = idOf(watch.device.id, series, open.since);
    const known = this.#raised.get(id)?.alarm ?? raisedView(watch.device.id, series, open);
    this.#raised.delete(id);
    const times = { clearedAt: msOf(at), clearedSeenAt: msOf(seenAt) };
    const alarm: AlarmView = { ...known, ...times, end: 'well', state: 'cleared', worst: open.worst };
    if (alarm.past) this.#past.grow(watch, series, alarm);
    else this.#pending.note('cleared', alarm, watch);
  }

  #confirm(id: string): void {
    const raised = this.#raised.get(id);
    if (raised === undefined) return;
    raised.alarm = { ...raised.alarm, past: false };
    if (raised.series?.open) raised.series.open.past = false;
    this.#pending.note('raised', raised.alarm, raised.watch);
  }

  /** Has those breaches count that came late and go on, as far as is known. */
  confirmUnfinished(): void {
    const before = this.#now() - SETTLE_MS;
    for (const [id, { alarm }] of this.#raised) {
      if (alarm.past && (alarm.raisedSeenAt ?? before) < before) this.#confirm(id);
    }
  }

  /** Ends an alarm; `clearedAt` in ms since 1970. */
  end(id: string, end: AlarmEnd, clearedAt = this.#now()): void {
    const raised = this.#raised.get(id);
    if (raised === undefined) return;
    this.#raised.delete(id);
    const { alarm, watch } = raised;
    const cleared = { clearedAt, clearedSeenAt: this.#now(), end, state: 'cleared' as const };
    this.#pending.note(alarm.past ? 'past' : 'cleared', { ...alarm, ...cleared }, watch);
  }

  /** Ends all alarms of a device. */
  endOf(device: string, end: AlarmEnd): void {
    for (const [id, { alarm }] of this.#raised) if (alarm.device === device) this.end(id, end);
  }

  /** The series of this watch are those of its device's alarms from now on; those under limits that it has not end. */
  adopt(watch: DeviceWatch, left: readonly Series[] = []): void {
    const device = watch.device.id;
    for (const series of [...watch.series(), ...left]) {
      if (series.open === null) continue;
      const id = idOf(device, series, series.open.since);
      // One that was stored and cannot be read is known from its series.
      const alarm = this.#raised.get(id)?.alarm ?? raisedView(device, series, series.open);
      this.#raised.set(id, { alarm, watch, series });
      if (left.includes(series)) this.end(id, 'rule_changed');
    }
  }

  /** Ends what nothing stands behind any more; `isKnown` says which devices are still there. */
  endOrphans(isKnown: (device: string) => boolean): void {
    for (const [id, { alarm, series }] of this.#raised) {
      if (!isKnown(alarm.device)) this.end(id, 'device_deleted');
      else if (series === null && alarm.level !== 'stale') this.end(id, 'rule_changed');
    }
  }

  /** Takes in that somebody has seen an alarm, when it is not over. */
  acknowledged(alarm: AlarmView): void {
    const raised = this.#raised.get(alarm.id);
    if (raised) raised.alarm = { ...raised.alarm, ...alarm };
  }

  /** Stores the worst value that each alarm of this watch has seen since it was stored. */
  saveWorst(watch: DeviceWatch, store: Pick<AlarmStore, 'setWorst'>): void {
    for (const series of watch.series()) {
      if (series.open === null) continue;
      const { since, worst } = series.open;
      const raised = this.#raised.get(idOf(watch.device.id, series, since));
      if (raised === undefined || raised.alarm.worst === worst) continue;
      raised.alarm = { ...raised.alarm, worst };
      store.setWorst(raised.alarm.id, worst);
    }
  }

  /** Alarms of devices that are silent. */
  *silent(): Iterable<AlarmView> {
    for (const { alarm } of this.#raised.values()) if (alarm.level === 'stale') yield alarm;
  }

  /** How many there are of each level and state; what is past is not counted. */
  *byLevel(): Iterable<readonly [level: AlarmLevel, state: 'raised' | 'acknowledged', count: number]> {
    for (const level of ['warn', 'alarm', 'stale'] as const) {
      const counts = { raised: 0, acknowledged: 0 };
      for (const { alarm } of this.#raised.values()) {
        if (alarm.level === level && !alarm.past)
          counts[alarm.acknowledgedAt === null ? 'raised' : 'acknowledged']++;
      }
      yield [level, 'raised', counts.raised];
      yield [level, 'acknowledged', counts.acknowledged];
    }
  }
}
