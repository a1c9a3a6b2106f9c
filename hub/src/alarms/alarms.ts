import type { Entry, Reading } from '@fieldline/journal';
import type { AlarmCounts, AlarmView, Page, PageQuery } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../commands/ledger.js';
import type { Device } from '../devices/device.js';
import { FieldlineError } from '../errors.js';
import type { AlarmWatches } from '../state/alarm-watches.js';
import type { AlarmFilter, AlarmStore } from '../state/alarms.js';
import type { Audit } from '../state/audit.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { acknowledge } from './acknowledge.js';
import type { AlarmChange, AlarmNews } from './alarm-change.js';
import { alarmId } from './alarm-id.js';
import { type AlarmJournal, CURSOR, JournalFollower } from './journal-follower.js';
import { Judging } from './judging.js';
import type { LeftOut } from './left-out.js';
import type { RaisedAlarms } from './raised-alarms.js';
import { countWaiting, waitingAlarms } from './waiting.js';

export interface AlarmsOptions {
  readonly state: StateFile;
  readonly store: AlarmStore;
  readonly stored: AlarmWatches;
  readonly audit: Audit;
  readonly devices: {
    get(id: string): Device | undefined;
    all(): Iterable<Device>;
    onBarred(listener: (device: Device, reason: 'disabled' | 'deleted') => void): void;
  };
  readonly journal: AlarmJournal;
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>;
  readonly leftOut: LeftOut;
  readonly now: () => number;
  readonly retentionMs: number;
  /** So many cleared alarms are kept at the most. */
  readonly keep: number;
  /** So many changes wait for a state file that cannot be written; beyond it they are judged again: 10,000. */
  readonly mostPending?: number;
  /** Notes what is owed to channels, in the transaction that makes the change durable. */
  readonly owe: (news: readonly AlarmNews[]) => void;
}

const TICK_MS = 1_000;
/**
 * Watches are saved every so many ticks, so many a transaction: 10,000 at once would hold up the loop. A row costs 25 µs;
 * what came since is judged again after a kill, in a microsecond a reading.
 */
const SAVE_EVERY = 20;
const ROWS = 250;
const MOST_PENDING = 10_000;

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
  readonly #judging: Judging;
  readonly #follower: JournalFollower;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;

  constructor(options: AlarmsOptions) {
    const { mostPending: most = MOST_PENDING } = options;
    this.#options = options;
    const tell = (change: AlarmChange) => this.#changes.tell(change);
    this.#judging = new Judging({ ...options, most, tell });
    this.#follower = new JournalFollower({ ...options, judging: this.#judging, tickMs: TICK_MS });
  }

  /** Takes up how things stood, and judges what came after that. */
  async open(): Promise<void> {
    await this.#follower.open();
    this.#options.devices.onBarred((device, reason) => {
      if (reason === 'deleted') this.#judging.forget(device.id);
    });
    this.#judging.silences.open();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  close(): void {
    this.abandon();
    if (this.#judging.pending.flush() && !this.isBehind) this.#save(Number.POSITIVE_INFINITY);
  }

  /** Stops without saving, as a kill would: the journal has everything. */
  abandon(): void {
    clearInterval(this.#timer);
    this.#follower.close();
    this.#judging.stop();
  }

  /** Readings wait to be judged: the state file cannot be written, say, or there are many to be judged again. */
  get isBehind(): boolean {
    return this.#follower.isBehind;
  }

  /** Calls `listener`, which must not throw, with every change once it is durable. Returns the way to stop. */
  onChange(listener: (change: AlarmChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** Judges what has just become durable. Never throws. */
  take(entry: Entry, readings: readonly Reading[] = entry.readings()): void {
    this.#follower.take(entry, readings);
  }

  /** Alarms that were raised, newest first. */
  list(filter: AlarmFilter, page: PageQuery): Page<AlarmView> {
    this.#judging.pending.flush();
    return this.#options.store.list(filter, page);
  }

  /** Limits that are crossed and whose `for` is not over, newest first. */
  waiting(filter: AlarmFilter, page: PageQuery): Page<AlarmView> {
    return waitingAlarms(this.#judging.watches, filter, page);
  }

  /** @throws FieldlineError `unknown_alarm` 404 */
  get(id: string): AlarmView {
    this.#judging.pending.flush();
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
      this.#judging.raised.acknowledged(change.alarm);
      this.#judging.past.acknowledged(change.alarm);
      this.#changes.tell(change);
    }
    return alarms;
  }

  /** How many there are of each level and state; what is past is not counted. */
  byLevel(): ReturnType<RaisedAlarms['byLevel']> {
    return this.#judging.raised.byLevel();
  }

  counts(): AlarmCounts {
    const counts = { raised: 0, acknowledged: 0, waiting: countWaiting(this.#judging.watches) };
    for (const [, state, count] of this.byLevel()) counts[state] += count;
    return counts;
  }

  #tick(): void {
    try {
      if (this.isBehind) this.#follower.tick();
      else if (this.#judging.pending.flush()) this.#go();
      else if (this.#judging.pending.isOverrun) this.#follower.fallBehind();
    } catch (error) {
      this.#options.log.warn(
        { err: error },
        'alarms cannot be judged; they are judged again from the journal',
      );
      this.#follower.fallBehind();
    }
  }

  #go(): void {
    this.#judging.tick(TICK_MS);
    this.#follower.kept();
    if (++this.#ticks % SAVE_EVERY === 0) this.#save(ROWS);
  }

  /** Saves watches, and when all are saved, up to where they reach. */
  #save(rows: number): void {
    const { stored, journal } = this.#options;
    const reach = this.#follower.taken;
    const move = () => stored.move(journal.id, reach);
    this.#judging.watches.save(rows, move, () => {
      journal.commit(CURSOR, reach);
      this.#prune();
    });
  }

  #prune(): void {
    const { store, now, retentionMs, keep, log } = this.#options;
    try {
      this.pruned += store.prune(alarmId('', null, '', Math.max(0, now() - retentionMs) * 1_000), keep);
    } catch (error) {
      log.warn({ err: error }, 'old alarms cannot be forgotten yet');
    }
  }
}
