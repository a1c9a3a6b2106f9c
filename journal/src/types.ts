/**
 * What is written to the log and read back from it. Plain data: it crosses from the hub to the sinks,
 * to worker threads, and, one day, to other machines.
 */

/** One value of a metric: a finite number, a boolean, or a text. "No reading" (`null`) never gets here. */
export type Value = number | boolean | string;

/** What one device measured at one moment. */
export interface Reading {
  readonly device: string;
  /** The boot that numbered the message; `''` for best-effort readings. */
  readonly boot: string;
  /** The message's number within its boot; 0 for best-effort readings. Rows of one message share it. */
  readonly seq: number;
  /** When it was measured: microseconds since 1970, assigned before the log, so that a replay repeats it. */
  readonly time: number;
  /** When the hub received it: microseconds since 1970. */
  readonly receivedAt: number;
  readonly values: Readonly<Record<string, Value>>;
  /** A bit set, 0 to 255; its meaning belongs to the writer. */
  readonly flags: number;
}

/** Message numbers `first` to `last` of one boot, both included: received, and answered by this batch. */
export interface SeqRange {
  readonly device: string;
  readonly boot: string;
  readonly first: number;
  readonly last: number;
}

/**
 * What one sync makes durable. `ranges` covers every numbered message of the batch, also those of which
 * no value was good enough to become a reading: they must not look like gaps after a restart.
 */
export interface Batch {
  readonly readings: readonly Reading[];
  readonly ranges: readonly SeqRange[];
}

/** A batch as it stands in the log. Readings are numbered from 1 without holes: these are its offsets. */
export interface Entry {
  /** Offset of its first reading. */
  readonly first: number;
  /** Offset of its last reading. */
  readonly last: number;
  /** The packed columns (see pack.ts), for readers in other threads. Not to be changed. */
  readonly packed: Uint8Array;
  /** The readings as objects: those that were appended while they are still in memory, else unpacked. */
  readings(): readonly Reading[];
}

/** Which messages of one boot are on disk: all up to `high`, except those in `gaps`. */
export interface Watermark {
  readonly boot: string;
  readonly high: number;
  /** Missing ranges `[first, last]`, ascending, at most 64. Below the first message ever seen is one too. */
  readonly gaps: readonly (readonly [first: number, last: number])[];
}

/** What may happen to a reader that lags: beyond either bound its oldest readings are skipped and counted. */
export interface CursorCap {
  readonly bytes: number;
  readonly ageMs: number;
}

/** Why nothing can be appended at the moment. */
export type JournalTrouble = 'journal_full' | 'disk_full' | 'sync_failed';

export interface JournalStats {
  /** Bytes on disk in all segments. */
  readonly bytes: number;
  readonly maxBytes: number;
  readonly segments: number;
  /** Offset of the newest synced reading; 0 when there is none. */
  readonly head: number;
  /** Damaged batches that recovery skipped, since the open. */
  readonly damaged: number;
  /** Bytes of a torn tail that recovery cut off, at the open. */
  readonly tornBytes: number;
  readonly trouble: JournalTrouble | null;
  /** Time of the oldest entry that `sink` has not confirmed, ms since 1970, by sink; null when caught up. */
  readonly oldest: Readonly<Record<string, number | null>>;
  /** Readings skipped because of a {@link CursorCap}, by sink. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** The durable log. The hub's and the bridge's promise rests on it: what `append` resolved is on disk. */
export interface Journal {
  /** Made when the log was; tells a reader that keeps its own cursor that this is another log. */
  readonly id: string;
  /** Offset of the newest synced reading; 0 when there is none. */
  readonly head: number;
  /**
   * Appends a batch and resolves once it is synced (fdatasync has returned). Batches become durable in the
   * order of the calls. A failure leaves the log as it was: the same batch may be appended again.
   * @throws JournalError `journal_full`, `disk_full`, `sync_failed`, `closed`, `too_large`; RangeError for a range
   *   that is none
   */
  append(batch: Batch): Promise<Entry>;
  /** Entries with readings after offset `after`, oldest first, until `maxReadings` is reached (at least one). */
  read(after: number, maxReadings: number): Promise<Entry[]>;
  /** Calls `wake` after every append that was synced; returns the way to stop. */
  onAppend(wake: (entry: Entry) => void): () => void;
  /** Registers a reader and returns its cursor: the last offset it confirmed. A new one starts at `head`. */
  attach(sink: string, cap?: CursorCap): number;
  /** Readers that are not in `sinks` are forgotten, and hold nothing any more. */
  retain(sinks: readonly string[]): void;
  cursor(sink: string): number;
  /** Everything up to `offset` is confirmed by `sink`. Rides to disk with the next sync. */
  commit(sink: string, offset: number): void;
  /** The last four boots of a device, oldest first, as they stand on disk. */
  watermarks(device: string): readonly Watermark[];
  stats(): JournalStats;
  /** Syncs what is under way, and the cursors; then nothing may be called any more. */
  close(): Promise<void>;
}
