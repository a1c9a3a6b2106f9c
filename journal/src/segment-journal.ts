import { randomBytes, randomUUID } from 'node:crypto';
import { Append } from './append.js';
import { Cursors } from './cursors.js';
import { systemErrorCode } from './disk.js';
import { JournalError } from './errors.js';
import { type Group, GroupCommit } from './group-commit.js';
import { DirectoryLock } from './lock.js';
import { DEFAULTS, type SegmentJournalOptions, type Settings } from './options.js';
import { type Recovered, recover } from './recover.js';
import { Retention } from './retention.js';
import { SegmentChain } from './segment-chain.js';
import { FORMAT, segmentHead } from './segment-head.js';
import { readSegments } from './segment-reader.js';
import { Tail } from './tail.js';
import type { Batch, CursorCap, Entry, Journal, JournalStats, JournalTrouble, Watermark } from './types.js';
import type { WatermarkTable } from './watermark-table.js';

/** The journal in segment files on the local disk. The format is described in the README, byte by byte. */
export class SegmentJournal implements Journal {
  readonly id: string;
  readonly #settings: Settings;
  readonly #tag: number;
  readonly #lock: DirectoryLock;
  readonly #directory: string;
  readonly #marks: WatermarkTable;
  readonly #cursors = new Cursors();
  readonly #tail: Tail;
  readonly #chain: SegmentChain;
  readonly #commits: GroupCommit;
  readonly #retention: Retention;
  readonly #wakes = new Set<(entry: Entry) => void>();
  readonly #tornBytes: number;
  #head: number;
  #damaged: number;
  #timer: NodeJS.Timeout | undefined;
  /** What the disk did at the last attempt; cleared by the next one that succeeds. */
  #diskTrouble: 'disk_full' | 'sync_failed' | null = null;
  #isSpaceLow = false;
  /** Set by the first `close`. */
  #closing: Promise<void> | undefined;

  private constructor(directory: string, settings: Settings, lock: DirectoryLock, found: Recovered) {
    const { disk, now, warn, onSync } = settings;
    this.id = found.id ?? randomUUID();
    this.#settings = settings;
    this.#directory = directory;
    this.#tag = found.tag ?? randomBytes(4).readUInt32LE();
    this.#lock = lock;
    this.#marks = found.marks;
    this.#cursors.load(found.cursors);
    this.#tail = new Tail({ bytes: settings.tailBytes, readings: settings.tailReadings });
    this.#head = found.next - 1;
    this.#damaged = found.damaged;
    this.#tornBytes = found.tornBytes;
    const tag = this.#tag;
    this.#chain = new SegmentChain(
      {
        disk,
        directory,
        tag,
        now,
        warn,
        head: (segment, first) => {
          const header = { format: FORMAT, journal: this.id, segment, first };
          return segmentHead(tag, header, this.#marks, this.#cursors.offsets(), now());
        },
      },
      found.segments,
      found.file,
    );
    this.#commits = new GroupCommit(
      {
        chain: this.#chain,
        tag,
        now,
        onSync,
        segmentBytes: Math.min(settings.segmentBytes, Math.ceil(settings.maxBytes / 8)),
        takeCursors: () => {
          if (!this.#cursors.dirty) return undefined;
          this.#cursors.dirty = false;
          return this.#cursors.offsets();
        },
        onDurable: (group) => this.#onDurable(group),
        onDisk: (trouble, cause) => this.#onDisk(trouble, cause),
        onDamage: () => {
          this.#damaged++;
        },
      },
      found.next,
    );
    this.#retention = new Retention({
      chain: this.#chain,
      cursors: this.#cursors,
      maxBytes: settings.maxBytes,
      now,
    });
  }

  /**
   * Opens the log in `directory`, or begins one there. Damage is stepped over and counted in `stats`.
   * @throws JournalError `locked`, `unsupported_format`; the system's errors
   */
  static async open(directory: string, options: SegmentJournalOptions = {}): Promise<SegmentJournal> {
    const settings: Settings = { ...DEFAULTS, ...options };
    await settings.disk.makeDirectory(directory);
    const lock = await DirectoryLock.take(directory);
    let found: Recovered | undefined;
    try {
      found = await recover(settings.disk, directory, settings.warn);
      const journal = new SegmentJournal(directory, settings, lock, found);
      if (found.file === undefined || !found.snapshotWhole) await journal.#chain.roll(found.next);
      await journal.#checkSpace();
      journal.#timer = setInterval(() => void journal.#maintain(), settings.maintenanceMs).unref();
      return journal;
    } catch (error) {
      await found?.file?.close();
      await lock.release();
      throw error;
    }
  }

  get head(): number {
    return this.#head;
  }

  append(batch: Batch): Promise<Entry> {
    try {
      this.#refuseIfInTrouble();
      const append = new Append(batch, this.#settings.recordBytes);
      this.#commits.push(append);
      return append.done;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async read(after: number, maxReadings: number): Promise<Entry[]> {
    this.#refuseIfClosed();
    if (after >= this.#head) return [];
    const recent = this.#tail.read(after, maxReadings);
    if (recent !== undefined) return recent;
    const { disk } = this.#settings;
    const upTo = Math.min(this.#head, this.#tail.first - 1);
    const onDamage = () => {
      this.#damaged++;
    };
    const segments = [...this.#chain.segments];
    const entries = await readSegments(segments, {
      disk,
      tag: this.#tag,
      after,
      upTo,
      maxReadings,
      onDamage,
    });
    // Where all that was asked for is damaged, what is in memory comes next.
    return entries.length > 0 || upTo === this.#head ? entries : this.read(upTo, maxReadings);
  }

  onAppend(wake: (entry: Entry) => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  attach(sink: string, cap?: CursorCap): number {
    return this.#cursors.attach(sink, cap, this.#head);
  }

  retain(sinks: readonly string[]): void {
    this.#cursors.retain(sinks);
    this.#release();
  }

  cursor(sink: string): number {
    return this.#cursors.offset(sink);
  }

  commit(sink: string, offset: number): void {
    this.#cursors.commit(sink, offset, this.#head);
    this.#release();
  }

  watermarks(device: string): readonly Watermark[] {
    return this.#marks.of(device);
  }

  /**
   * Keeps every segment until the returned function is called, so that the files can be copied: {@link files}.
   * Meanwhile the log may grow beyond `maxBytes` by what it would have removed.
   */
  hold(): () => void {
    return this.#chain.hold();
  }

  /** The files, and how much of each is synced and will not change. Copies of that much are a log that opens. */
  files(): readonly { readonly path: string; readonly sizeBytes: number }[] {
    return this.#chain.segments.map(({ path, fileBytes }) => ({ path, sizeBytes: fileBytes }));
  }

  stats(): JournalStats {
    const oldest: Record<string, number | null> = {};
    for (const [sink, offset] of Object.entries(this.#cursors.offsets())) {
      oldest[sink] = offset >= this.#head ? null : this.#timeOf(offset + 1);
    }
    return {
      bytes: this.#chain.bytes,
      maxBytes: this.#settings.maxBytes,
      segments: this.#chain.segments.length,
      head: this.#head,
      damaged: this.#damaged,
      tornBytes: this.#tornBytes,
      trouble: this.#trouble(),
      oldest,
      skipped: this.#cursors.skipped(),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#commits.flush();
    await this.#commits.idle();
    try {
      await this.#chain.close();
    } finally {
      await this.#lock.release();
    }
  }

  #refuseIfClosed(): void {
    if (this.#closing !== undefined) throw new JournalError('closed', 'the journal is closed');
  }

  #refuseIfInTrouble(): void {
    this.#refuseIfClosed();
    if (this.#isFull() || this.#commits.queuedBytes > this.#settings.queueBytes) {
      throw new JournalError('journal_full', 'readers have not confirmed enough of the log to append more');
    }
    if (this.#isSpaceLow) {
      throw new JournalError(
        'disk_full',
        `less than ${this.#settings.minFreeBytes} bytes are free on the disk`,
      );
    }
  }

  #isFull(): boolean {
    return this.#retention.neededBytes() + this.#commits.queuedBytes >= this.#settings.maxBytes;
  }

  #trouble(): JournalTrouble | null {
    if (this.#diskTrouble !== null) return this.#diskTrouble;
    if (this.#isFull()) return 'journal_full';
    return this.#isSpaceLow ? 'disk_full' : null;
  }

  #onDurable({ appends, end }: Group): void {
    this.#chain.grown(end);
    const entries: Entry[] = [];
    for (const { append, placed } of appends) {
      for (const { entry, position } of placed) {
        const count = entry.last - entry.first + 1;
        this.#chain.active.addBatch({ first: entry.first, count, time: entry.time }, position);
        this.#head = entry.last;
        this.#tail.push(entry);
      }
      for (const range of append.batch.ranges) this.#marks.apply(range);
      entries.push(append.resolve(placed.map(({ entry }) => entry)));
    }
    for (const entry of entries) this.#wake(entry);
  }

  #wake(entry: Entry): void {
    for (const wake of this.#wakes) {
      try {
        wake(entry);
      } catch (error) {
        this.#settings.warn('a listener of the journal failed', error);
      }
    }
  }

  #onDisk(trouble: 'disk_full' | 'sync_failed' | null, cause?: unknown): void {
    if (trouble !== null) {
      // The cursors may have been in what was lost. Writing them again also finds out whether the trouble has
      // passed while nobody appends.
      this.#cursors.dirty = true;
      if (trouble !== this.#diskTrouble) this.#settings.warn(`the journal cannot write: ${trouble}`, cause);
    }
    this.#diskTrouble = trouble;
  }

  /** When the reading at `offset` was written, to the precision of a block where it is not in memory. */
  #timeOf(offset: number): number | null {
    const recent = this.#tail.timeOf(offset);
    if (recent !== undefined) return recent;
    const segment = this.#chain.segments.find(({ last }) => last >= offset);
    return segment?.index.times[segment.index.find(offset)] ?? null;
  }

  /** Lets go of what all readers have confirmed. */
  #release(): void {
    const confirmed = this.#cursors.least();
    this.#tail.confirmed(confirmed);
    const oldest = this.#chain.segments[0];
    if (oldest !== undefined && oldest !== this.#chain.active && oldest.last <= confirmed) {
      void this.#enforce();
    }
  }

  async #maintain(): Promise<void> {
    if (this.#cursors.dirty) this.#commits.flush();
    await this.#enforce();
    await this.#checkSpace();
  }

  async #enforce(): Promise<void> {
    try {
      await this.#retention.enforce();
      this.#tail.confirmed(this.#cursors.least());
    } catch (error) {
      this.#settings.warn('segments could not be removed', error);
    }
  }

  async #checkSpace(): Promise<void> {
    const { disk, minFreeBytes, warn } = this.#settings;
    if (minFreeBytes <= 0) return;
    try {
      this.#isSpaceLow = (await disk.freeBytes(this.#directory)) < minFreeBytes;
    } catch (error) {
      // Some file systems cannot tell. A full one is noticed by the write.
      this.#isSpaceLow = false;
      if (systemErrorCode(error) !== 'ENOSYS') warn('the free space is not known', error);
    }
  }
}
