import type { AlarmView } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { AlarmWatches } from '../state/alarm-watches.js';
import type { AlarmedLimit, AlarmStore } from '../state/alarms.js';
import type { StateFile } from '../state/state-file.js';
import { type AlarmChange, type AlarmNews, isNews } from './alarm-change.js';
import { type DeviceWatch, rowOf } from './device-watch.js';

export interface PendingChangesOptions {
  readonly state: StateFile;
  readonly store: Pick<AlarmStore, 'put'>;
  readonly stored: Pick<AlarmWatches, 'save'>;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly now: () => number;
  /** So many may wait for a state file that cannot be written. */
  readonly most: number;
  /** Notes what is owed to channels, in the transaction that makes the change durable. */
  readonly owe: (news: readonly AlarmNews[]) => void;
  /** Called with every change once it is durable. */
  readonly tell: (change: AlarmChange) => void;
}

/**
 * Changes of alarms on their way to disk. They become durable in order and all at once, together with how the readings
 * of their devices stand, and are told only then.
 */
export class PendingChanges {
  readonly #options: PendingChangesOptions;
  #changes: AlarmChange[] = [];
  /** Where among them the `late` change of an alarm is: thousands of readings may each tell a little more of it. */
  readonly #late = new Map<string, number>();
  readonly #touched = new Set<DeviceWatch>();
  #isFailing = false;
  #flushing: NodeJS.Immediate | undefined;

  constructor(options: PendingChangesOptions) {
    this.#options = options;
  }

  /** More wait for a state file that cannot be written than may. */
  get isOverrun(): boolean {
    return this.#isFailing && this.#changes.length > this.#options.most;
  }

  /** Has a change made durable soon, with `watch`, which it comes of; what is `late` by the next tick. */
  note(event: AlarmChange['event'], alarm: AlarmView, watch: DeviceWatch | null): void {
    const change = { event, alarm, at: this.#options.now() };
    if (watch) this.#touched.add(watch);
    if (event === 'late') {
      const at = this.#late.get(alarm.id) ?? this.#changes.length;
      this.#late.set(alarm.id, at);
      this.#changes[at] = change;
      return;
    }
    this.#changes.push(change);
    // What it tells later must not come before this, which would overwrite it.
    this.#late.delete(alarm.id);
    // While the disk fails, only ticks try.
    if (!this.#isFailing) this.#flushing ??= setImmediate(() => this.flush());
  }

  /** The newest alarm of a limit among them that was there at any moment between two times, ms since 1970. */
  overlapping({ device, metric, level }: AlarmedLimit, from: number, to: number): AlarmView | undefined {
    return this.#changes.findLast(({ alarm }) => {
      const isOfLimit = alarm.device === device && alarm.metric === metric && alarm.level === level;
      return isOfLimit && alarm.since <= to && (alarm.clearedAt ?? to) >= from;
    })?.alarm;
  }

  /** Makes durable what has changed, and tells it. False when that could not be: then it is tried at the next call. */
  flush(): boolean {
    this.stop();
    if (this.#changes.length === 0) return true;
    const { state, store, stored, log, owe, tell } = this.#options;
    const changes = this.#changes;
    try {
      state.transaction(() => {
        for (const { alarm } of changes) store.put(alarm);
        for (const watch of this.#touched) stored.save(rowOf(watch));
        owe(changes.filter(isNews));
      });
    } catch (error) {
      // A full disk, say.
      if (!this.#isFailing) log.warn({ err: error }, 'alarms could not be kept; they are tried again');
      this.#isFailing = true;
      return false;
    }
    this.#isFailing = false;
    this.clear();
    for (const change of changes) tell(change);
    return true;
  }

  /** Does not flush by itself any more what is there now. */
  stop(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
  }

  /** Lets go of all. */
  clear(): void {
    this.#changes = [];
    this.#late.clear();
    this.#touched.clear();
  }
}
