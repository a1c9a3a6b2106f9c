import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Batch,
  type Entry,
  type Journal,
  JournalError,
  type Reading,
  SegmentJournal,
  type SeqRange,
} from '@fieldline/journal';
import type { QueueConfig } from '../config/config.js';
import { promptDisk } from './prompt-disk.js';

/** The queue's one reader: what the hub has acknowledged. */
const HUB = 'hub';
/**
 * How often that goes to the disk. Of a bridge that was killed since, the hub gets so much again, and drops it; written
 * with each message it would be a third of the work.
 */
const COMMIT_MS = 5_000;
const COMMIT_MESSAGES = 64;
/** So many messages, or characters, are written with one sync at most. */
const GROUP_MESSAGES = 256;
const GROUP_CHARS = 256 * 1024;
/**
 * Readings without a number of their own that wait for the same sync go to the hub as rows of one message. It stays far
 * below the 64 KiB that a hub takes.
 */
const MAX_ROWS = 200;
const MAX_ROWS_CHARS = 16 * 1024;
/**
 * So many messages a second a hub takes of one device (protocol §1 "Limits": 100). Writes that come faster wait for
 * each other, once a burst of them is used up, and share a message then.
 */
const WRITES_PER_SECOND = 80;
const BURST = 40;
/** What may wait in memory for the disk; beyond it nothing is taken. */
const WAITING_CHARS = 4 * 1024 * 1024;

/** A message of a board on its way to the disk. */
export interface Outgoing {
  /** The telemetry message without `type` and `seq`, as JSON, with its time. Absent in {@link row}. */
  readonly body?: string;
  /** A plain reading: its time (ms since 1970) and its values as JSON. May share a message with its neighbours. */
  readonly row?: { readonly time: number; readonly values: string };
  /** The board's own number, where it has one. */
  readonly number?: { readonly boot: string; readonly seq: number };
}

/** A message as it waits for the hub: `seq` is its number there, within the queue's boot. */
export interface Waiting {
  readonly seq: number;
  readonly body: string;
}

interface Pending {
  readonly message: Outgoing;
  readonly chars: number;
  done(): void;
  failed(error: unknown): void;
}

/**
 * What a board has said and the hub has not acknowledged, on the disk.
 *
 * A message's place in the journal is its number at the hub, and the journal's id names the boot: so a bridge that was
 * killed sends the same messages under the same numbers again, and the hub drops what it has. The board's own numbers
 * stand beside it, as the journal's watermarks.
 */
export class Queue {
  readonly #journal: Journal;
  readonly #device: string;
  #pending: Pending[] = [];
  #pendingChars = 0;
  /** What the hub has acknowledged, of which the disk may know less. */
  #confirmed = 0;
  #committing: NodeJS.Timeout | undefined;
  /** Under way while something waits. */
  #writing: Promise<void> | undefined;
  #isClosing = false;
  /** Writes that may be made at once, and when that was counted. */
  #writes = BURST;
  #countedAtMs = 0;

  private constructor(journal: Journal, device: string) {
    this.#journal = journal;
    this.#device = device;
  }

  /** @throws JournalError when the directory cannot be used, or belongs to another bridge that runs */
  static async open(
    directory: string,
    device: string,
    { maxBytes, whenFull }: QueueConfig,
    warn: (message: string, cause?: unknown) => void,
  ): Promise<Queue> {
    const dropsOldest = whenFull === 'drop_oldest';
    // A capped reader is skipped ahead from maintenance on: the journal itself must have room until then.
    const journal = await SegmentJournal.open(directory, {
      maxBytes: dropsOldest ? maxBytes * 2 : maxBytes,
      segmentBytes: Math.max(1024 * 1024, Math.floor(maxBytes / 16)),
      tailBytes: 1024 * 1024,
      tailReadings: 1_024,
      disk: promptDisk,
      warn,
    });
    journal.attach(HUB, dropsOldest ? { bytes: maxBytes, ageMs: Number.POSITIVE_INFINITY } : undefined);
    return new Queue(journal, device);
  }

  /** Names this queue towards the hub. Another data directory is another boot. */
  get boot(): string {
    return createHash('sha256').update(this.#journal.id).digest('hex').slice(0, 16);
  }

  /** The highest number that was ever given. */
  get highest(): number {
    return this.#journal.head;
  }

  /** The highest number that the hub has acknowledged, or that was given up. */
  get confirmed(): number {
    return Math.max(this.#confirmed, this.#journal.cursor(HUB));
  }

  get stats() {
    const { bytes, oldest, skipped, trouble } = this.#journal.stats();
    return {
      messages: this.highest - this.confirmed,
      bytes,
      oldestMs: this.highest > this.confirmed ? (oldest[HUB] ?? null) : null,
      dropped: skipped[HUB] ?? 0,
      trouble,
    };
  }

  /** What was received of the board's own numbers, by its boots. */
  watermarks() {
    return this.#journal.watermarks(this.#device);
  }

  /**
   * Resolves once the message is on the disk.
   * @throws JournalError `journal_full`, `disk_full`, `sync_failed`: it was not taken
   */
  add(message: Outgoing): Promise<void> {
    const chars = (message.body ?? message.row?.values ?? '').length;
    return new Promise((resolve, reject) => {
      if (this.#pendingChars + chars > WAITING_CHARS) {
        reject(new Error('the disk does not keep up'));
        return;
      }
      this.#pending.push({ message, chars, done: resolve, failed: reject });
      this.#pendingChars += chars;
      this.#writing ??= this.#write();
    });
  }

  /** Messages after number `after`, oldest first; the first of them may be later where some were given up. */
  async read(after: number, count: number): Promise<Waiting[]> {
    const from = Math.max(after, this.confirmed);
    const entries = await this.#journal.read(from, count);
    return entries.flatMap((entry) => waitingOf(entry, from));
  }

  /** Calls `wake` when there is something new to read. */
  onAdded(wake: () => void): () => void {
    return this.#journal.onAppend(wake);
  }

  /** The hub has every message up to `seq`. */
  confirm(seq: number): void {
    if (seq <= this.confirmed) return;
    this.#confirmed = Math.min(seq, this.highest);
    if (this.#confirmed - this.#journal.cursor(HUB) >= COMMIT_MESSAGES) this.#commit();
    else this.#committing ??= setTimeout(() => this.#commit(), COMMIT_MS).unref();
  }

  /** What was given to `add` is written first. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#writing;
    this.#commit();
    await this.#journal.close();
  }

  #commit(): void {
    clearTimeout(this.#committing);
    this.#committing = undefined;
    this.#journal.commit(HUB, this.confirmed);
  }

  /** Writes what waits, one sync after another; what comes meanwhile goes with the next. */
  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      await this.#pace();
      const group = this.#takeGroup();
      try {
        await this.#append(this.#batchOf(group));
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.#writing = undefined;
  }

  async #append(batch: Batch): Promise<void> {
    const mayHaveRoom = this.#confirmed > this.#journal.cursor(HUB);
    try {
      await this.#journal.append(batch);
    } catch (error) {
      // It does not know yet what the hub has.
      if (!mayHaveRoom || !(error instanceof JournalError) || error.code !== 'journal_full') throw error;
      this.#commit();
      await this.#journal.append(batch);
    }
  }

  /** Waits until a write is due. */
  async #pace(): Promise<void> {
    const nowMs = performance.now();
    const earned = ((nowMs - this.#countedAtMs) / 1_000) * WRITES_PER_SECOND;
    this.#writes = Math.min(BURST, this.#writes + earned);
    this.#countedAtMs = nowMs;
    if (this.#writes < 1 && !this.#isClosing) await delay(1_000 / WRITES_PER_SECOND);
    this.#writes--;
  }

  #takeGroup(): Pending[] {
    let chars = 0;
    let count = 0;
    for (const pending of this.#pending) {
      if (count > 0 && (count === GROUP_MESSAGES || chars + pending.chars > GROUP_CHARS)) break;
      chars += pending.chars;
      count++;
    }
    this.#pendingChars -= chars;
    return this.#pending.splice(0, count);
  }

  #batchOf(group: readonly Pending[]): Batch {
    const receivedAt = Date.now() * 1000;
    const readings: Reading[] = [];
    const ranges: SeqRange[] = [];
    const reading = (body: string, boot: string, seq: number): Reading => {
      return { device: this.#device, boot, seq, time: receivedAt, receivedAt, values: { body }, flags: 0 };
    };
    for (let at = 0; at < group.length; ) {
      const rows = rowsFrom(group, at);
      const { number, body = bodyOf(rows) } = (group[at] as Pending).message;
      at += Math.max(1, rows.length);
      readings.push(reading(body, number?.boot ?? '', number?.seq ?? 0));
      if (number !== undefined) {
        ranges.push({ device: this.#device, boot: number.boot, first: number.seq, last: number.seq });
      }
    }
    return { readings, ranges };
  }
}

type Row = NonNullable<Outgoing['row']>;

/** The plain readings that stand together from `at` on. */
function rowsFrom(group: readonly Pending[], at: number): Row[] {
  const rows: Row[] = [];
  let chars = 0;
  for (let next = group[at]; next?.message.row !== undefined && rows.length < MAX_ROWS; ) {
    chars += next.chars;
    if (rows.length > 0 && chars > MAX_ROWS_CHARS) break;
    rows.push(next.message.row);
    next = group[at + rows.length];
  }
  return rows;
}

function bodyOf(rows: readonly Row[]): string {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return `{"time":${only.time},"values":${only.values}}`;
  return `{"rows":[${rows.map(({ time, values }) => `[${time},${values}]`).join(',')}]}`;
}

function waitingOf(entry: Entry, after: number): Waiting[] {
  return entry
    .readings()
    .map((reading, index) => ({ seq: entry.first + index, body: String(reading.values.body) }))
    .filter(({ seq }) => seq > after);
}
