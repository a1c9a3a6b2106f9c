import { type Disk, systemErrorCode } from './disk.js';
import { JournalError } from './errors.js';
import { RecordKind, type StoredRecord } from './record.js';
import { scanRecords } from './scan.js';
import type { Segment } from './segment.js';
import type { Entry, Reading } from './types.js';
import { type BatchView, viewBatch } from './view.js';

/** An entry that was read from a file. */
class StoredEntry implements Entry {
  readonly first: number;
  readonly last: number;
  readonly packed: Uint8Array;
  readonly #view: BatchView;
  #readings: readonly Reading[] | undefined;

  constructor(record: StoredRecord) {
    this.first = record.first;
    this.last = record.first + record.count - 1;
    this.packed = new Uint8Array(record.payload);
    this.#view = viewBatch(this.packed);
  }

  readings(): readonly Reading[] {
    this.#readings ??= this.#view.readings();
    return this.#readings;
  }
}

export interface SegmentReadOptions {
  readonly disk: Disk;
  readonly tag: number;
  readonly after: number;
  /** Nothing is read beyond this offset. */
  readonly upTo: number;
  readonly maxReadings: number;
  /** Called once for every damaged stretch. */
  readonly onDamage: () => void;
}

/** How much is read at once: some thousand readings. */
const WINDOW_BYTES = 512 * 1024;

/**
 * Entries from files, with their checksums verified. A damaged one is stepped over; a file that was trimmed
 * meanwhile too. At most one file is open at a time, so a long backlog costs no descriptors.
 */
export async function readSegments(
  segments: readonly Segment[],
  options: SegmentReadOptions,
): Promise<Entry[]> {
  const { disk, after, maxReadings } = options;
  const entries: Entry[] = [];
  let room = Math.max(1, maxReadings);
  for (const segment of segments) {
    if (segment.last <= after || room <= 0) continue;
    let fd: number;
    try {
      fd = await disk.open(segment.path, 'r');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') continue;
      throw error;
    }
    try {
      room = await readSegment(segment, fd, options, entries, room);
    } finally {
      await disk.close(fd);
    }
  }
  return entries;
}

/** Adds to `entries` what fits; resolves with the room that is left, 0 when the next one did not fit. */
async function readSegment(
  segment: Segment,
  fd: number,
  { disk, tag, after, upTo, onDamage }: SegmentReadOptions,
  entries: Entry[],
  room: number,
): Promise<number> {
  const damagedAt = (position: number) => {
    if (segment.damage.has(position)) return;
    segment.damage.add(position);
    onDamage();
  };
  const visit = (record: StoredRecord, position: number): 'stop' | undefined => {
    const { first, count } = record;
    const last = first + count - 1;
    if (record.kind !== RecordKind.batch || count === 0 || last <= after) return undefined;
    if (last > segment.last || last > upTo) return 'stop';
    if (entries.length > 0 && count > room) {
      room = 0;
      return 'stop';
    }
    const entry = entryOf(record);
    if (entry === undefined) {
      damagedAt(position);
      return undefined;
    }
    entries.push(entry);
    room -= count;
    return room <= 0 ? 'stop' : undefined;
  };
  const from = segment.index.positions[segment.index.find(after + 1)] ?? 0;
  const to = segment.dataBytes;
  let stopped = false;
  const { end } = await scanRecords(disk, fd, {
    from,
    to,
    tag,
    windowBytes: WINDOW_BYTES,
    onDamage: damagedAt,
    visit: (record, position) => {
      const verdict = visit(record, position);
      stopped = verdict === 'stop';
      return verdict;
    },
  });
  if (!stopped && end < to) damagedAt(end);
  return room;
}

/** Undefined when the record is whole but holds no packed batch. */
function entryOf(record: StoredRecord): Entry | undefined {
  try {
    return new StoredEntry(record);
  } catch (error) {
    if (error instanceof JournalError) return undefined;
    throw error;
  }
}
