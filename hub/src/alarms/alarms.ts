import type { Entry, Journal, Reading } from '@fieldline/journal';
import type { AlarmCounts, AlarmView, Page, PageQuery } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../commands/ledger.js';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import type { AlarmFilter, AlarmStore } from '../state/alarms.js';
import type { Audit } from '../state/audit.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { acknowledge } from './acknowledge.js';
import type { AlarmChange } from './alarm-change.js';
import { alarmId } from './alarm-id.js';
import { waitingView } from './alarm-views.js';
import type { DeviceWatch } from './device-watch.js';
import { PastBreaches } from './past-breaches.js';
import { PendingChanges } from './pending-changes.js';
import { RaisedAlarms } from './raised-alarms.js';
import type { Judgement } from './series.js';
import { Silences } from './silences.js';
import { Watches } from './watches.js';

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

const CURSOR = 'alarms';
/** Only the history may fill the journal (protocol §3). */
const CURSOR_AGE_MS = 86_400_000;
const TICK_MS = 1_000;
/**
 * Watches are saved every so many ticks, so many a transaction: 10,000 at once would hold up the loop. A row costs 25 µs;
 * what came since is judged again after a kill, in a microsecond a reading.
 */
const SAVE_EVERY = 20;
const ROWS = 250;
const MOST_PENDING = 10_000;
const MOST_WAITING = 1_000;

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
  readonly #pending: PendingChanges;
  readonly #raised: RaisedAlarms;
  readonly #silences: Silences;
  readonly #watches: Watches;
  /** Up to where in the journal everything was judged. */
  #taken = 0;
  /** Up to where it was judged from the journal. A batch that had to be written again may come before one below it. */
  #replayed = 0;
  /** Nothing is judged until everything can be judged again from the journal. */
  #isBehind = false;
  /** Counts how often that became necessary. */
  #falls = 0;
  #isRestoring = false;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  /** Of the reading that is judged. */
  #watch: DeviceWatch | undefined;

  constructor(options: AlarmsOptions) {
    const { store, now, mostPending: most = MOST_PENDING } = options;
    this.#options = options;
    const tell = (change: AlarmChange) => this.#changes.tell(change);
    this.#pending = new PendingChanges({ ...options, most, tell, overrun: () => this.#fallBehind() });
    this.#raised = new RaisedAlarms(this.#pending, new PastBreaches(store, this.#pending), now);
    this.#silences = new Silences(this.#raised, now);
    this.#watches = new Watches({ ...options, raised: this.#raised, pending: this.#pending });
  }

  /** Takes up how things stood, and judges what came after that. */
  async open(): Promise<void> {
    const { devices, journal } = this.#options;
    journal.attach(CURSOR, { bytes: journal.stats().maxBytes / 4, ageMs: CURSOR_AGE_MS });
    await this.#restore();
    devices.onBarred((device, reason) => {
      if (reason === 'deleted') this.#forget(device.id);
    });
    this.#silences.open();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  close(): void {
    this.abandon();
    if (this.#pending.flush() && !this.#isBehind) this.#save(Number.POSITIVE_INFINITY);
  }

  /** Stops without saving, as a kill would: the journal has everything. */
  abandon(): void {
    clearInterval(this.#timer);
    this.#silences.close();
    this.#watches.close();
    this.#pending.stop();
  }

  /** Calls `listener`, which must not throw, with every change once it is durable. Returns the way to stop. */
  onChange(listener: (change: AlarmChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Judges what has just become durable. */
  take(entry: Entry, readings: readonly Reading[] = entry.readings()): void {
    if (this.#isBehind || entry.last <= this.#replayed) return;
    try {
      this.#judge(entry.first, readings, false);
      this.#taken = Math.max(this.#taken, entry.last);
    } catch (error) {
      // Whoever waits for an ack must not wait for alarms: what cannot be judged now is judged from the journal.
      this.#options.log.warn({ err: error }, 'alarms cannot be judged');
      this.#fallBehind();
    }
  }

  /** Alarms that were raised, newest first. */
  list(filter: AlarmFilter, page: PageQuery): Page<AlarmView> {
    this.#pending.flush();
    return this.#options.store.list(filter, page);
  }

  /** Limits that are crossed and whose `for` is not over. */
  waiting({ device, level }: AlarmFilter = {}): AlarmView[] {
    const found: AlarmView[] = [];
    for (const watch of this.#watches) {
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
    this.#pending.flush();
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
    const known = ids.map((id) => this.get(id));
    const { alarms, changes } = acknowledge(this.#options, known, actor, note);
    for (const change of changes) {
      this.#raised.acknowledged(change.alarm);
      this.#changes.tell(change);
    }
    return alarms;
  }

  /** How many there are of each level and state; what is past is not counted. */
  byLevel(): ReturnType<RaisedAlarms['byLevel']> {
    return this.#raised.byLevel();
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
        watch = this.#watches.of(reading.device);
        this.#watch = watch;
        if (watch === undefined) continue;
      }
      if (watch.metrics.length === 0 || (isReplay && offset <= watch.offset)) continue;
      if (offset > watch.offset) watch.offset = offset;
      if (!watch.isDirty) this.#watches.touch(watch);
      watch.take(reading, this.#tell);
    }
  }

  readonly #tell = (judgement: Judgement): void => {
    if (this.#watch) this.#raised.take(this.#watch, judgement);
  };

  #tick(): void {
    if (this.#isBehind) {
      void this.#catchUp();
      return;
    }
    if (!this.#pending.flush()) return;
    this.#watches.renew();
    this.#raised.confirmUnfinished();
    this.#silences.look(this.#options.devices.all(), TICK_MS);
    if (++this.#ticks % SAVE_EVERY === 0) this.#save(ROWS);
  }

  /** Saves watches, and when all are saved, up to where they reach. */
  #save(rows: number): void {
    const { store, journal, now, retentionMs, keep } = this.#options;
    const reach = this.#taken;
    const move = (): void => {
      store.move(journal.id, reach);
      this.pruned += store.prune(alarmId('', null, '', Math.max(0, now() - retentionMs) * 1_000), keep);
    };
    this.#watches.save(rows, move, () => journal.commit(CURSOR, reach));
  }

  #forget(device: string): void {
    this.#watches.forget(device);
    this.#silences.forget(device);
    this.#watch = undefined;
    this.#raised.endOf(device, 'device_deleted');
    this.#pending.flush();
  }

  /** Lets go of what cannot be kept: the journal has the readings, and they are judged again when it can. */
  #fallBehind(): void {
    this.#isBehind = true;
    this.#falls++;
    this.#clear();
  }

  #clear(): void {
    for (const each of [this.#watches, this.#raised, this.#silences, this.#pending]) each.clear();
    this.#watch = undefined;
  }

  async #catchUp(): Promise<void> {
    if (this.#isRestoring) return;
    this.#isRestoring = true;
    try {
      await this.#restore();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'alarms cannot be judged yet');
    } finally {
      this.#isRestoring = false;
    }
  }

  async #restore(): Promise<void> {
    const { store, devices, journal } = this.#options;
    const falls = this.#falls;
    this.#clear();
    const saved = store.offset();
    const isSameJournal = saved?.journal === journal.id;
    this.#raised.restore(store.open());
    this.#watches.restore(isSameJournal);
    this.#raised.endOrphans((device) => devices.get(device) !== undefined);
    this.#silences.restore();
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
}
