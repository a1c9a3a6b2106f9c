import type { Entry, Journal, Reading } from '@fieldline/journal';
import type { AlarmCounts, AlarmEnd, AlarmLevel, AlarmView, Page, PageQuery } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../commands/ledger.js';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import { type AlarmFilter, type AlarmStore, stateOf } from '../state/alarms.js';
import { type Audit, auditName } from '../state/audit.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { alarmId } from './alarm-id.js';
import { DeviceWatch, type KeptWatch } from './device-watch.js';
import { limitOf, worse } from './rule.js';
import type { Judgement, OpenAlarm, Series } from './series.js';
import { silentSince } from './silence.js';

/** What happened to an alarm. `past`: it was over before the hub heard of it. */
export type AlarmEvent = 'raised' | 'acknowledged' | 'cleared' | 'past';

export interface AlarmChange {
  readonly event: AlarmEvent;
  readonly alarm: AlarmView;
  /** ms since 1970. */
  readonly at: number;
}

/** What of the journal is used. */
export type AlarmJournal = Pick<Journal, 'id' | 'head' | 'attach' | 'cursor' | 'commit' | 'read' | 'stats'>;

export interface AlarmsOptions {
  readonly state: StateFile;
  readonly store: AlarmStore;
  readonly audit: Audit;
  readonly devices: {
    get(id: string): Device | undefined;
    all(): Iterable<Device>;
    onBarred(listener: (device: Device, reason: 'disabled' | 'deleted') => void): void;
  };
  readonly journal: AlarmJournal;
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>;
  readonly now: () => number;
  readonly retentionMs: number;
  /** So many cleared alarms are kept at the most. */
  readonly keep: number;
  /** So many changes wait for a state file that cannot be written; beyond it they are judged again: 10,000. */
  readonly mostPending?: number;
  /** Notes what is owed to channels, in the transaction that makes the change durable. */
  readonly owe: (changes: readonly AlarmChange[]) => void;
}

/** What is known of an alarm that is not cleared. */
interface Open {
  alarm: AlarmView;
  readonly series: Series | null;
}

const CURSOR = 'alarms';
/** Only the history may fill the journal (protocol §3). */
const CURSOR_AGE_MS = 86_400_000;
const TICK_MS = 1_000;
/** Watches are saved every so many ticks, so many a transaction: 10,000 at once would hold up the loop. */
const SAVE_EVERY = 10;
const ROWS = 250;
/** Without a reading in time a breach that came late counts after this: it is not over, as far as is known. */
const SETTLE_MS = 30_000;
const MOST_PENDING = 10_000;
const MOST_WAITING = 1_000;
/** Devices that were heard before the start are silent only once they have had the time to come back. */
const RETURN_MS = 65_000;
/** A tick that is so much too late tells that the process stood still, and could hear nobody. */
const STOOD_STILL_MS = 5_000;

/**
 * Raises and clears alarms: readings against the limits of their profiles, in the order of the journal and by the
 * readings' own time; and devices that fall silent. What it comes to is durable, together with up to where the device
 * was judged, before anybody is told; after a kill the rest is judged again, so that no alarm is lost and none doubled.
 */
export class Alarms {
  static readonly cursor = CURSOR;
  /** Cleared alarms that were forgotten to make room. */
  pruned = 0;
  readonly #options: AlarmsOptions;
  readonly #changes = new Listeners<AlarmChange>();
  readonly #watches = new Map<string, DeviceWatch>();
  readonly #dirty = new Set<DeviceWatch>();
  readonly #open = new Map<string, Open>();
  /** The stale alarm of each device that is silent. */
  readonly #silent = new Map<string, AlarmView>();
  /** Changes that are not on disk, in order. */
  #pending: AlarmChange[] = [];
  readonly #touched = new Set<DeviceWatch>();
  /** The last breach of the past of each series: readings of one backlog belong together. */
  readonly #lastPast = new WeakMap<Series, AlarmView>();
  /** Up to where in the journal everything was judged. */
  #taken = 0;
  /** Up to where it was judged from the journal. A batch that had to be written again may come before one below it. */
  #replayed = 0;
  /** Nothing is judged until everything can be judged again from the journal. */
  #isBehind = false;
  /** Counts how often that became necessary. */
  #falls = 0;
  #restoring = false;
  #isFailing = false;
  #flushing: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #tickedMs = 0;
  #excusedUntil = 0;
  #watch: DeviceWatch | undefined;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Takes up how things stood, and judges what came after that. */
  async open(): Promise<void> {
    const { devices, journal, now } = this.#options;
    journal.attach(CURSOR, { bytes: journal.stats().maxBytes / 4, ageMs: CURSOR_AGE_MS });
    await this.#restore();
    devices.onBarred((device, reason) => {
      if (reason === 'deleted') this.#forget(device);
    });
    this.#tickedMs = now();
    this.#excusedUntil = now() + RETURN_MS;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  close(): void {
    this.abandon();
    if (this.#flush() && !this.#isBehind) this.#save(Number.POSITIVE_INFINITY);
  }

  /** Stops without saving, as a kill would: the journal has everything. */
  abandon(): void {
    clearInterval(this.#timer);
    clearImmediate(this.#flushing);
  }

  /** Calls `listener`, which must not throw, with every change once it is durable. Returns the way to stop. */
  onChange(listener: (change: AlarmChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Judges what has just become durable. */
  take(entry: Entry, readings: readonly Reading[] = entry.readings()): void {
    if (this.#isBehind || entry.last <= this.#replayed) return;
    this.#judge(entry.first, readings, false);
    this.#taken = Math.max(this.#taken, entry.last);
  }

  /** Alarms that were raised, newest first. */
  list(filter: AlarmFilter, page: PageQuery): Page<AlarmView> {
    this.#flush();
    return this.#options.store.list(filter, page);
  }

  /** Limits that are crossed and whose `for` is not over. */
  waiting({ device, level }: AlarmFilter = {}): AlarmView[] {
    const found: AlarmView[] = [];
    for (const watch of this.#watches.values()) {
      if (device !== undefined && watch.device.id !== device) continue;
      for (const series of watch.series()) {
        if (series.since === 0 || (level !== undefined && series.rule.level !== level)) continue;
        found.push(waitingView(watch.device.id, series));
        if (found.length === MOST_WAITING) return found;
      }
    }
    return found;
  }

  /** @throws FieldlineError `unknown_alarm` 404 */
  get(id: string): AlarmView {
    this.#flush();
    const alarm = this.#options.store.get(id);
    if (alarm === undefined)
      throw new FieldlineError('unknown_alarm', 'There is no such alarm.', { status: 404 });
    return alarm;
  }

  /**
   * Notes that somebody has seen these alarms. One that was acknowledged before stays as it is.
   * @throws FieldlineError `unknown_alarm` 404: then none is acknowledged
   */
  acknowledge(ids: readonly string[], actor: Actor, note: string | null): AlarmView[] {
    const { state, store, audit, now, owe } = this.#options;
    const at = now();
    const known = ids.map((id) => this.get(id));
    const changes: AlarmChange[] = [];
    const answer = state.transaction(() => {
      const seen = known.map((alarm) => {
        if (!store.acknowledge(alarm.id, actor.name, at, note)) return alarm;
        const { device, metric, level } = alarm;
        audit.add({
          ...{ at, actor: auditName(actor), address: actor.address, action: 'alarm.acknowledged' },
          ...{ subject: `alarm:${alarm.id}`, details: { device, metric, level, note } },
        });
        const told = { ...alarm, acknowledgedBy: actor.name, acknowledgedAt: at, note };
        const acknowledged = { ...told, state: stateOf(told) };
        changes.push({ event: 'acknowledged', alarm: acknowledged, at });
        return acknowledged;
      });
      owe(changes);
      return seen;
    });
    for (const change of changes) this.#acknowledged(change);
    return answer;
  }

  /** How many there are of each level and state; what is past is not counted. */
  *byLevel(): Iterable<readonly [level: AlarmLevel, state: 'raised' | 'acknowledged', count: number]> {
    for (const level of ['warn', 'alarm', 'stale'] as const) {
      const counts = { raised: 0, acknowledged: 0 };
      for (const { alarm } of this.#open.values()) {
        if (alarm.level === level && !alarm.past)
          counts[alarm.acknowledgedAt === null ? 'raised' : 'acknowledged']++;
      }
      yield [level, 'raised', counts.raised];
      yield [level, 'acknowledged', counts.acknowledged];
    }
  }

  counts(): AlarmCounts {
    const counts = { raised: 0, acknowledged: 0, waiting: this.waiting().length };
    for (const [, state, count] of this.byLevel()) counts[state] += count;
    return counts;
  }

  #judge(first: number, readings: readonly Reading[], isReplay: boolean): void {
    let offset = first - 1;
    for (const reading of readings) {
      offset++;
      let watch = this.#watch;
      if (watch === undefined || watch.device.id !== reading.device || watch.isOutdated) {
        watch = this.#watchOf(reading.device);
        this.#watch = watch;
        if (watch === undefined) continue;
      }
      if (watch.metrics.length === 0 || (isReplay && offset <= watch.offset)) continue;
      if (offset > watch.offset) watch.offset = offset;
      this.#dirty.add(watch);
      watch.take(reading, this.#tell);
    }
  }

  #watchOf(id: string): DeviceWatch | undefined {
    const known = this.#watches.get(id);
    if (known !== undefined && !known.isOutdated) return known;
    const device = known?.device ?? this.#options.devices.get(id);
    if (device === undefined) return undefined;
    const watch = new DeviceWatch(device);
    this.#watches.set(id, watch);
    if (known !== undefined) this.#replaced(known, watch);
    return watch;
  }

  /** The limits of a device have changed. */
  #replaced(before: DeviceWatch, watch: DeviceWatch): void {
    const left = watch.inherit(before);
    this.#dirty.delete(before);
    this.#dirty.add(watch);
    for (const series of watch.series()) {
      if (series.open === null) continue;
      const id = idOf(watch.device.id, series, series.open.since);
      const open = this.#open.get(id);
      if (open) this.#open.set(id, { alarm: open.alarm, series });
    }
    for (const { rule, open } of left) {
      if (open)
        this.#end(alarmId(watch.device.id, rule.metric, rule.level, open.since), 'rule_changed', watch);
    }
  }

  readonly #tell = (judgement: Judgement): void => {
    const watch = this.#watch;
    if (watch === undefined) return;
    const { series } = judgement;
    const { id: device } = watch.device;
    if (judgement.kind === 'past') {
      this.#past(watch, judgement);
      return;
    }
    const id = idOf(device, series, judgement.alarm.since);
    if (judgement.kind === 'raised') {
      const alarm = raisedView(id, device, series, judgement.alarm);
      this.#open.set(id, { alarm, series });
      this.#note(alarm.past ? 'past' : 'raised', alarm, watch);
    } else if (judgement.kind === 'confirmed') {
      this.#confirm(id, watch);
    } else if (judgement.kind === 'cleared') {
      const known = this.#open.get(id)?.alarm ?? raisedView(id, device, series, judgement.alarm);
      const at = { clearedAt: ms(judgement.at), clearedSeenAt: ms(judgement.seenAt) };
      const alarm: AlarmView = {
        ...known,
        ...at,
        end: 'well',
        state: 'cleared',
        worst: judgement.alarm.worst,
      };
      this.#open.delete(id);
      if (alarm.past) this.#lastPast.set(series, alarm);
      this.#note(alarm.past ? 'past' : 'cleared', alarm, watch);
    }
  };

  #confirm(id: string, watch: DeviceWatch | undefined): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    open.alarm = { ...open.alarm, past: false };
    if (open.series?.open) open.series.open.past = false;
    this.#note('raised', open.alarm, watch);
  }

  /** A breach that came after newer readings: one alarm, however many messages tell of it and however often. */
  #past(watch: DeviceWatch, told: Extract<Judgement, { kind: 'past' }>): void {
    const { series, since, raisedAt, to, value, worst, seenAt } = told;
    const { metric, level } = series.rule;
    const device = watch.device.id;
    const [from, until] = [ms(since), ms(to)];
    const last = this.#lastPast.get(series);
    const overlaps = last && last.since <= until && (last.clearedAt ?? until) >= from;
    const known = overlaps ? last : this.#knownPast(device, metric, level, from, until);
    const alarm: AlarmView = {
      ...(known ??
        raisedView(idOf(device, series, since), device, series, {
          ...told,
          raisedAt,
          worst,
          value,
          past: true,
        })),
      clearedAt: Math.max(known?.clearedAt ?? 0, until),
      clearedSeenAt: ms(seenAt),
      end: 'well',
      state: 'cleared',
      since: Math.min(known?.since ?? from, from),
      worst: worse(series.rule, known?.worst ?? null, worst),
    };
    // What was raised in its time is not made longer by what comes late.
    this.#lastPast.set(series, known && !known.past ? known : alarm);
    if (known && (!known.past || isSame(known, alarm))) return;
    this.#note('past', alarm, watch);
  }

  #knownPast(
    device: string,
    metric: string,
    level: AlarmLevel,
    from: number,
    to: number,
  ): AlarmView | undefined {
    const waits = this.#pending.findLast(({ alarm }) => {
      return (
        alarm.device === device &&
        alarm.metric === metric &&
        alarm.level === level &&
        alarm.since <= to &&
        (alarm.clearedAt ?? to) >= from
      );
    });
    return waits?.alarm ?? this.#options.store.overlapping(device, metric, level, from, to);
  }

  #end(id: string, end: AlarmEnd, watch: DeviceWatch | undefined, clearedAt = this.#options.now()): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    const { alarm } = open;
    const cleared = { clearedAt, clearedSeenAt: this.#options.now(), end, state: 'cleared' as const };
    this.#note(alarm.past ? 'past' : 'cleared', { ...alarm, ...cleared }, watch);
  }

  #note(event: AlarmEvent, alarm: AlarmView, watch: DeviceWatch | undefined): void {
    this.#pending.push({ event, alarm, at: this.#options.now() });
    if (watch) this.#touched.add(watch);
    if (!this.#isFailing) this.#flushing ??= setImmediate(() => this.#flush());
  }

  /** Makes durable what has changed, all at once, and tells it. False when that could not be. */
  #flush(): boolean {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#pending.length === 0) return true;
    const { state, store, log, owe } = this.#options;
    const changes = this.#pending;
    try {
      state.transaction(() => {
        for (const { alarm } of changes) store.put(alarm);
        for (const watch of this.#touched) store.saveWatch(rowOf(watch));
        owe(changes);
      });
    } catch (error) {
      // A full disk, say: tried again at the next tick.
      if (!this.#isFailing) log.warn({ err: error }, 'alarms could not be kept; they are tried again');
      this.#isFailing = true;
      if (changes.length > (this.#options.mostPending ?? MOST_PENDING)) this.#fallBehind();
      return false;
    }
    this.#isFailing = false;
    this.#pending = [];
    this.#touched.clear();
    for (const change of changes) this.#changes.tell(change);
    return true;
  }

  /** Lets go of what cannot be kept: the journal has the readings, and they are judged again when it can. */
  #fallBehind(): void {
    this.#isBehind = true;
    this.#falls++;
    this.#clear();
  }

  async #catchUp(): Promise<void> {
    if (this.#restoring) return;
    this.#restoring = true;
    try {
      await this.#restore();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'alarms cannot be judged yet');
    } finally {
      this.#restoring = false;
    }
  }

  #clear(): void {
    for (const each of [this.#watches, this.#dirty, this.#open, this.#silent, this.#touched]) each.clear();
    this.#pending = [];
    this.#watch = undefined;
  }

  async #restore(): Promise<void> {
    const { store, devices, journal } = this.#options;
    const falls = this.#falls;
    this.#clear();
    for (const alarm of store.open()) this.#open.set(alarm.id, { alarm, series: null });
    const saved = store.offset();
    const isSameJournal = saved?.journal === journal.id;
    for (const { device: id, offset, json } of store.watches()) {
      const device = devices.get(id);
      if (device)
        this.#takeUp(new DeviceWatch(device), JSON.parse(json) as KeptWatch, isSameJournal ? offset : 0);
    }
    for (const { alarm, series } of [...this.#open.values()]) {
      if (alarm.level === 'stale') this.#silent.set(alarm.device, alarm);
      else if (series === null)
        this.#end(alarm.id, devices.get(alarm.device) ? 'rule_changed' : 'device_deleted', undefined);
    }
    if (!isSameJournal) store.move(journal.id, journal.cursor(CURSOR));
    let after = isSameJournal ? Math.min(saved.offset, journal.head) : journal.cursor(CURSOR);
    while (after < journal.head) {
      const entries = await journal.read(after, 10_000);
      const last = entries.at(-1);
      if (last === undefined) break;
      for (const entry of entries) this.#judge(entry.first, entry.readings(), true);
      after = last.last;
      if (falls !== this.#falls) return;
    }
    this.#taken = journal.head;
    this.#replayed = journal.head;
    this.#isBehind = false;
  }

  #takeUp(watch: DeviceWatch, kept: KeptWatch, offset: number): void {
    const { id } = watch.device;
    this.#watches.set(id, watch);
    watch.restore(kept, offset);
    for (const series of watch.series()) {
      if (series.open === null) continue;
      const open = this.#open.get(idOf(id, series, series.open.since));
      if (open) this.#open.set(open.alarm.id, { alarm: open.alarm, series });
    }
  }

  #tick(): void {
    const now = this.#options.now();
    if (Math.abs(now - this.#tickedMs - TICK_MS) > STOOD_STILL_MS) this.#excusedUntil = now + RETURN_MS;
    this.#tickedMs = now;
    if (this.#isBehind) {
      void this.#catchUp();
      return;
    }
    if (!this.#flush()) return;
    for (const watch of this.#watches.values()) if (watch.isOutdated) this.#watchOf(watch.device.id);
    for (const [id, { alarm }] of this.#open) {
      if (alarm.past && now - (alarm.raisedSeenAt ?? now) > SETTLE_MS)
        this.#confirm(id, this.#watches.get(alarm.device));
    }
    for (const device of this.#options.devices.all()) this.#listen(device, now);
    if (++this.#ticks % SAVE_EVERY === 0) this.#save(ROWS);
  }

  /** Raises and clears the alarm of a device that is silent. */
  #listen(device: Device, now: number): void {
    const alarm = this.#silent.get(device.id);
    const silence = silentSince(device);
    if (alarm === undefined) {
      if (silence === null || now < silence.deadline) return;
      if (
        device.lastReading !== null &&
        device.lastReading < this.#excusedUntil - RETURN_MS &&
        now < this.#excusedUntil
      )
        return;
      const raised = silentView(device.id, silence, now);
      this.#silent.set(device.id, raised);
      this.#open.set(raised.id, { alarm: raised, series: null });
      this.#note('raised', raised, undefined);
    } else if (silence === null || silence.since > alarm.since || now < silence.deadline) {
      this.#silent.delete(device.id);
      const isHeard = silence !== null && silence.since > alarm.since;
      this.#end(alarm.id, isHeard ? 'well' : 'rule_changed', undefined, isHeard ? silence.since : now);
    }
  }

  #forget(device: Device): void {
    const watch = this.#watches.get(device.id);
    this.#watches.delete(device.id);
    this.#silent.delete(device.id);
    if (watch) this.#dirty.delete(watch);
    if (this.#watch === watch) this.#watch = undefined;
    for (const [id, { alarm }] of this.#open) {
      if (alarm.device === device.id) this.#end(id, 'device_deleted', undefined);
    }
    this.#flush();
  }

  /** Saves watches, and when all are saved, up to where they reach. */
  #save(rows: number): void {
    const { state, store, journal, log, now, retentionMs, keep } = this.#options;
    const reach = this.#taken;
    const slice = [...this.#dirty];
    const next = (): void => {
      const some = slice.splice(0, rows);
      try {
        state.transaction(() => {
          for (const watch of some) {
            if (this.#watches.get(watch.device.id) !== watch) continue;
            store.saveWatch(rowOf(watch));
            for (const series of watch.series()) this.#saveWorst(watch.device.id, series);
          }
          if (slice.length > 0) return;
          store.move(journal.id, reach);
          this.pruned += store.prune(alarmId('', null, '', Math.max(0, now() - retentionMs) * 1_000), keep);
        });
      } catch (error) {
        log.warn(
          { err: error },
          'how readings stand with their limits could not be saved; the journal has them',
        );
        for (const watch of [...some, ...slice]) this.#dirty.add(watch);
        return;
      }
      if (slice.length > 0) setImmediate(next);
      else journal.commit(CURSOR, reach);
    };
    this.#dirty.clear();
    next();
  }

  #saveWorst(device: string, { rule, open }: Series): void {
    if (open === null) return;
    const known = this.#open.get(alarmId(device, rule.metric, rule.level, open.since));
    if (known === undefined || known.alarm.worst === open.worst) return;
    known.alarm = { ...known.alarm, worst: open.worst };
    this.#options.store.setWorst(known.alarm.id, open.worst);
  }

  #acknowledged(change: AlarmChange): void {
    const { alarm } = change;
    const open = this.#open.get(alarm.id);
    if (open) open.alarm = { ...open.alarm, ...alarm };
    if (open && alarm.level === 'stale') this.#silent.set(alarm.device, open.alarm);
    this.#changes.tell(change);
  }
}

function rowOf(watch: DeviceWatch) {
  return { device: watch.device.id, offset: watch.offset, json: JSON.stringify(watch.kept()) };
}

function idOf(device: string, { rule }: Series, since: number): string {
  return alarmId(device, rule.metric, rule.level, since);
}

function isSame(one: AlarmView, other: AlarmView): boolean {
  return one.since === other.since && one.clearedAt === other.clearedAt && one.worst === other.worst;
}

function ms(us: number): number {
  return Math.floor(us / 1_000);
}

const UNSEEN = { acknowledgedBy: null, acknowledgedAt: null, note: null };
const NOT_OVER = { clearedAt: null, clearedSeenAt: null, end: null };

function raisedView(
  id: string,
  device: string,
  { rule }: Series,
  { since, raisedAt, seenAt, value, worst, past }: OpenAlarm,
): AlarmView {
  const { metric, level } = rule;
  const times = { since: ms(since), raisedAt: ms(raisedAt), raisedSeenAt: ms(seenAt) };
  return {
    ...{ id, device, metric, level, state: 'raised', limit: limitOf(rule), past },
    ...{ ...times, ...NOT_OVER, value, worst, ...UNSEEN },
  };
}

function waitingView(device: string, series: Series): AlarmView {
  const { rule, since, worst } = series;
  const { metric, level } = rule;
  return {
    ...{ id: idOf(device, series, since), device, metric, level, state: 'waiting', limit: limitOf(rule) },
    ...{ past: false, since: ms(since), raisedAt: null, raisedSeenAt: null, ...NOT_OVER },
    ...{ value: worst, worst, ...UNSEEN },
  };
}

function silentView(device: string, silence: { since: number; deadline: number }, now: number): AlarmView {
  const { since, deadline } = silence;
  return {
    ...{
      id: alarmId(device, null, 'stale', since * 1_000),
      device,
      metric: null,
      level: 'stale',
      state: 'raised',
    },
    ...{
      limit: { silence: deadline - since, for: 0 },
      past: false,
      since,
      raisedAt: deadline,
      raisedSeenAt: now,
    },
    ...{ ...NOT_OVER, value: null, worst: null, ...UNSEEN },
  };
}
