import {
  type Batch,
  type Disk,
  type Entry,
  type Journal,
  JournalError,
  SegmentJournal,
} from '@fieldline/journal';
import type { QueueConfig } from '../config/config.js';
import { Intake, type Pending } from './intake.js';
import { LateSync } from './late-sync.js';
import { Numbering } from './numbering.js';
import { batchOf, bodiesOf, type Outgoing } from './outgoing.js';
import { systemBoot } from './system-boot.js';

export type { Outgoing } from './outgoing.js';

/** The queue's one reader: what the hub has acknowledged. */
const HUB = 'hub';
/**
 * How often that goes to the disk. Of a bridge that was killed since, the hub gets so much again, and drops it; written
 * with each message it would be a third of the work.
 */
const COMMIT_MS = 5_000;
const COMMIT_MESSAGES = 64;
/**
 * What the hub has not acknowledged after so long is brought to the disk. In the usual course it has, which is a disk
 * enough, and nothing is synced.
 */
const SYNC_MS = 1_000;
/** So many messages may go to the hub that are not on the disk yet. */
const UNSYNCED_MESSAGES = 128;
/** From so many on a sync is begun, so that no message has to wait for it. */
const SYNC_MESSAGES = 64;
/** After a power cut so many numbers are not given again: twice as many, since a disk that fails may leave some more. */
const SKIPPED_NUMBERS = 2 * UNSYNCED_MESSAGES;
/** How often the journal looks after its limits. */
const MAINTENANCE_MS = 5_000;

/** A message as it waits for the hub: `seq` is its number there, within the queue's boot. */
export interface Waiting {
  readonly seq: number;
  readonly body: string;
}

/** A numbered message that a failed sync has left in doubt: it counts when the hub has it. */
interface Doubtful {
  readonly place: number;
  done(): void;
}

export interface QueueOptions extends QueueConfig {
  warn(message: string, cause?: unknown): void;
  /** For tests. */
  readonly disk?: Disk;
  readonly system?: string | null;
}

/**
 * What a board has said and the hub has not acknowledged, on the disk.
 *
 * A message's place in the journal makes its number at the hub: so a bridge that was killed sends the same messages under
 * the same numbers again, and the hub drops what it has. The board's own numbers stand beside it, as the journal's
 * watermarks.
 *
 * What was written outlives the process at once, and goes to the hub at once. It outlives a power cut once it was synced:
 * a message that the board has numbered, and keeps until it is acknowledged, is synced at once, too; others soon.
 */
export class Queue {
  readonly #journal: Journal;
  readonly #numbering: Numbering;
  readonly #disk: LateSync;
  readonly #device: string;
  readonly #intake = new Intake((group) => this.#write(group));
  #doubtful: Doubtful[] = [];
  /** The last place that the hub has acknowledged, of which the disk may know less. */
  #confirmed = 0;
  /** The last place that is certainly on the disk. */
  #synced: number;
  #committing: NodeJS.Timeout | undefined;
  #syncing: NodeJS.Timeout | undefined;

  private constructor(journal: Journal, numbering: Numbering, disk: LateSync, device: string) {
    this.#journal = journal;
    this.#numbering = numbering;
    this.#disk = disk;
    this.#device = device;
    this.#synced = journal.head;
  }

  /**
   * @param directory of the journal; beside it stands a file of the same name and `.json`
   * @throws JournalError when the directory cannot be used, or belongs to another bridge that runs
   */
  static async open(
    directory: string,
    device: string,
    { maxBytes, whenFull, warn, disk, system = systemBoot() }: QueueOptions,
  ): Promise<Queue> {
    const dropsOldest = whenFull === 'drop_oldest';
    const late = new LateSync(disk);
    // A capped reader is skipped ahead from maintenance on: the journal itself must have room until then.
    const journal = await SegmentJournal.open(directory, {
      maxBytes: dropsOldest ? maxBytes * 2 : maxBytes,
      segmentBytes: Math.max(1024 * 1024, Math.floor(maxBytes / 16)),
      tailBytes: 1024 * 1024,
      tailReadings: 1_024,
      maintenanceMs: MAINTENANCE_MS,
      disk: late.disk,
      warn,
    });
    try {
      // What a killed process has left may not be there yet, and would come on top of what this one leaves.
      await late.sync();
      const confirmed = journal.attach(
        HUB,
        dropsOldest ? { bytes: maxBytes, ageMs: Number.POSITIVE_INFINITY } : undefined,
      );
      const { id, head } = journal;
      const about = { journal: id, head, confirmed, system, skip: SKIPPED_NUMBERS };
      const numbering = Numbering.open(`${directory}.json`, about);
      if (numbering.isOrphaned)
        warn(`${directory}.json is missing, or of another queue: what waits may be at the hub twice`);
      return new Queue(journal, numbering, late, device);
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  /** Names this queue towards the hub. Another data directory is another boot. */
  get boot(): string {
    return this.#numbering.boot;
  }

  /** The highest number that may have been given. */
  get highest(): number {
    return this.#numbering.seqOf(this.#journal.head, { isLast: true });
  }

  /**
   * The highest number that may have been sent. Until the hub is met that is what it was at the opening: an old copy of the
   * data directory must not look newer than it is by what it has taken since.
   */
  get highestSent(): number {
    return this.#numbering.sent ?? this.highest;
  }

  /** The hub knows nothing of this queue that the queue does not: it is sent all from now on. @throws the system's error */
  met(): void {
    this.#numbering.met();
  }

  /** The highest number that the hub has acknowledged, or that was given up. */
  get confirmed(): number {
    const place = this.#confirmedPlace;
    return this.#numbering.seqOf(place, { isLast: place === this.#journal.head });
  }

  get stats() {
    const { bytes, oldest, skipped, trouble } = this.#journal.stats();
    const messages = this.#journal.head - this.#confirmedPlace;
    return {
      messages,
      bytes,
      oldestMs: messages > 0 ? (oldest[HUB] ?? null) : null,
      dropped: skipped[HUB] ?? 0,
      trouble,
    };
  }

  /** What was received of the board's own numbers, by its boots. */
  watermarks() {
    return this.#journal.watermarks(this.#device);
  }

  /**
   * Resolves once the message outlives a kill of the process; a numbered one, once it is on the disk.
   * @throws JournalError `journal_full`, `disk_full`, `sync_failed`; Error where too much waits: it was not taken
   */
  add(message: Outgoing): Promise<void> {
    return this.#intake.add(message);
  }

  /** Messages after number `after`, oldest first; the first of them may be later where some were given up. */
  async read(after: number, count: number): Promise<Waiting[]> {
    const from = Math.max(this.#numbering.placeOf(after), this.#confirmedPlace);
    const entries = await this.#journal.read(from, count);
    return entries.flatMap((entry) => this.#waitingOf(entry, from));
  }

  /** Calls `wake` with what is new, and the number that goes before it. */
  onAdded(wake: (fresh: readonly Waiting[], after: number) => void): () => void {
    return this.#journal.onAppend((entry) => {
      wake(this.#waitingOf(entry, 0), this.#numbering.seqOf(entry.first - 1));
    });
  }

  /** The hub has every message up to `seq`. */
  confirm(seq: number): void {
    const place = Math.min(this.#numbering.placeOf(seq), this.#journal.head);
    if (place <= this.#confirmedPlace) return;
    this.#confirmed = place;
    while ((this.#doubtful[0]?.place ?? Number.POSITIVE_INFINITY) <= place) this.#doubtful.shift()?.done();
    if (place - this.#journal.cursor(HUB) >= COMMIT_MESSAGES) this.#commit();
    else this.#committing ??= setTimeout(() => this.#commit(), COMMIT_MS).unref();
  }

  /** The hub knows messages under these numbers that are not here. @returns the new boot */
  rename(): string {
    return this.#numbering.rename();
  }

  /** What was given to `add` is written first, and all of it synced. */
  async close(): Promise<void> {
    await this.#intake.close();
    clearTimeout(this.#syncing);
    this.#commit();
    const isSynced = await this.#sync().then(
      () => true,
      () => false,
    );
    await this.#journal.close();
    if (isSynced) this.#numbering.close();
  }

  get #confirmedPlace(): number {
    return Math.max(this.#confirmed, this.#journal.cursor(HUB));
  }

  #waitingOf(entry: Entry, after: number): Waiting[] {
    return bodiesOf(entry)
      .map((body, index) => ({ place: entry.first + index, body }))
      .filter(({ place }) => place > after)
      .map(({ place, body }) => ({ seq: this.#numbering.seqOf(place), body }));
  }

  #commit(): void {
    clearTimeout(this.#committing);
    this.#committing = undefined;
    this.#journal.commit(HUB, this.#confirmedPlace);
  }

  async #write(group: readonly Pending[]): Promise<void> {
    const messages = group.map(({ message }) => message);
    try {
      const { last } = await this.#append(batchOf(this.#device, messages));
      this.#written(group, last);
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
  }

  async #append(batch: Batch): Promise<Entry> {
    if (this.#journal.head - this.#synced + batch.readings.length > UNSYNCED_MESSAGES) {
      await this.#sync().catch(() => undefined); // the journal is told
    }
    try {
      return await this.#journal.append(batch);
    } catch (error) {
      const code = error instanceof JournalError ? error.code : undefined;
      const mayHaveRoom = code === 'journal_full' && this.#confirmed > this.#journal.cursor(HUB);
      // An earlier sync has failed: the next append goes into another file. And of room it knows with the next commit.
      if (code !== 'sync_failed' && !mayHaveRoom) throw error;
      this.#commit();
      return this.#journal.append(batch);
    }
  }

  /** Everything of the group is in the file, up to this place. */
  #written(group: readonly Pending[], place: number): void {
    const numbered: Pending[] = [];
    for (const pending of group) {
      if (pending.message.number === undefined) pending.done();
      else numbered.push(pending);
    }
    if (this.#syncing === undefined) this.#syncUnlessConfirmed();
    if (this.#journal.head - this.#synced >= SYNC_MESSAGES) this.#sync().catch(() => undefined);
    if (numbered.length === 0) return;
    const done = () => {
      for (const pending of numbered) pending.done();
    };
    this.#sync().then(done, () => this.#doubt({ place, done }));
  }

  /** It is written, and may be sent: to take it back would be to have it twice. */
  #doubt(doubtful: Doubtful): void {
    if (doubtful.place <= this.#confirmedPlace) doubtful.done();
    else this.#doubtful.push(doubtful);
  }

  /** What is there now is synced a while later, but for what the hub has by then. */
  #syncUnlessConfirmed(): void {
    const { head } = this.#journal;
    this.#syncing = setTimeout(() => {
      this.#syncing = undefined;
      if (this.#confirmedPlace < head && this.#synced < head) this.#sync().catch(() => undefined);
      if (this.#journal.head > head) this.#syncUnlessConfirmed();
    }, SYNC_MS).unref();
  }

  /** @throws the system's error, of which the journal tells at its next append */
  async #sync(): Promise<void> {
    const { head } = this.#journal;
    await this.#disk.sync();
    this.#synced = Math.max(this.#synced, head);
  }
}
