import { type Disk, nodeDisk } from './disk.js';
import { MAX_RECORD_BYTES } from './record.js';

export interface SegmentJournalOptions {
  /** A segment that has grown by so much gets a successor. Default 64 MiB, at most an eighth of `maxBytes`. */
  readonly segmentBytes?: number;
  /** What readers without a cap may hold on disk before appends are refused. Default 10 GiB. */
  readonly maxBytes?: number;
  /** Free space that is left to others: with less, appends are refused. Default 0: until the disk is full. */
  readonly minFreeBytes?: number;
  /** Packed bytes of the newest entries kept in memory. Default 16 MiB. */
  readonly tailBytes?: number;
  /** Newest readings kept as objects, too. Default 65,536. */
  readonly tailReadings?: number;
  /** Appends that wait for the disk may take so much memory; further ones are refused. Default 64 MiB. */
  readonly queueBytes?: number;
  /** Longest record written; a longer append is split. Default, and most, 16 MiB. */
  readonly recordBytes?: number;
  /** How often cursors are written while nothing is appended, and limits are looked after. Default 1 s. */
  readonly maintenanceMs?: number;
  readonly disk?: Disk;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Told of what is odd but does not stop the log. */
  readonly warn?: (message: string, cause?: unknown) => void;
  /** Told how long every sync took. */
  readonly onSync?: (durationMs: number) => void;
}

/** All of them set. */
export type Settings = Required<SegmentJournalOptions>;

const MiB = 1024 * 1024;

export const DEFAULTS: Settings = {
  segmentBytes: 64 * MiB,
  maxBytes: 10 * 1024 * MiB,
  minFreeBytes: 0,
  tailBytes: 16 * MiB,
  tailReadings: 65_536,
  queueBytes: 64 * MiB,
  recordBytes: MAX_RECORD_BYTES,
  maintenanceMs: 1000,
  disk: nodeDisk,
  now: Date.now,
  warn: () => undefined,
  onSync: () => undefined,
};
