import type { Disk } from './disk.js';
import { JournalError } from './errors.js';
import { RecordKind, type StoredRecord } from './record.js';
import { scanRecords } from './scan.js';
import type { Segment } from './segment.js';
import { loadSnapshot, parseHeader } from './segment-head.js';
import type { SeqRange } from './types.js';
import { viewBatch } from './view.js';
import type { WatermarkTable } from './watermark-table.js';

/** What a scan adds to, besides the segment itself. */
export interface Replay {
  readonly marks: WatermarkTable;
  cursors: Readonly<Record<string, number>>;
}

export interface SegmentScan {
  /** It has an index: nothing is appended to it any more. */
  readonly sealed: boolean;
  /** Stretches without a valid record that have one after them. */
  readonly damaged: number;
  /** Bytes after the last record that counts. */
  readonly restBytes: number;
}

/** A batch that was seen, before it is known whether the append it belongs to is whole. */
interface Seen {
  readonly first: number;
  readonly count: number;
  readonly time: number;
  readonly position: number;
  readonly ranges: readonly SeqRange[];
}

/**
 * Reads a whole segment and fills in what is known of it.
 * @param limit offset at which the next segment begins: what stands from there on was given up after a failed
 *   sync, and belongs to the successor
 * @param replay takes the snapshot, ranges and cursors; undefined leaves them unread
 */
export async function scanSegment(
  disk: Disk,
  fd: number,
  tag: number,
  segment: Segment,
  limit: number,
  replay: Replay | undefined,
): Promise<SegmentScan> {
  const fileBytes = await disk.sizeBytes(fd);
  let damaged = 0;
  let sealed = false;
  /** Parts of an append whose end was not seen yet. */
  let open: Seen[] = [];
  const take = (batches: readonly Seen[]) => {
    for (const batch of batches) {
      segment.addBatch(batch, batch.position);
      for (const range of batch.ranges) replay?.marks.apply(range);
    }
  };
  const onDamage = (position: number) => {
    damaged++;
    segment.damage.add(position);
  };

  const visit = (record: StoredRecord, position: number): 'stop' | undefined => {
    const { first, count, time, more } = record;
    if (record.kind === RecordKind.index) {
      sealed = true;
      return 'stop';
    }
    if (record.kind === RecordKind.batch) {
      if (first > limit || (first === limit && count > 0)) return 'stop';
      const ranges = replay === undefined ? [] : rangesOf(record);
      const expected = lastOf(open) ?? segment.last;
      if (ranges === undefined || first <= expected) onDamage(position);
      else open.push({ first, count, time, position, ranges });
      if (more) return undefined;
      take(open);
      open = [];
    } else {
      if (record.kind === RecordKind.segment) parseHeader(record, segment.path);
      if (record.kind === RecordKind.snapshot && replay !== undefined) {
        replay.cursors = loadSnapshot(record, replay.marks).cursors ?? replay.cursors;
      }
      if (record.kind === RecordKind.segment || record.kind === RecordKind.snapshot) {
        segment.headBytes = position + record.sizeBytes;
      }
      if (record.kind === RecordKind.cursors && replay !== undefined) {
        replay.cursors = (JSON.parse(record.payload.toString()) as Pick<Replay, 'cursors'>).cursors;
      }
    }
    segment.dataBytes = position + record.sizeBytes;
    return undefined;
  };
  await scanRecords(disk, fd, { from: 0, to: fileBytes, tag, visit, onDamage });
  segment.fileBytes = fileBytes;
  return { sealed, damaged, restBytes: fileBytes - segment.dataBytes };
}

function lastOf(batches: readonly Seen[]): number | undefined {
  const last = batches.at(-1);
  return last && last.first + last.count - 1;
}

/** Undefined when the record is whole but holds no batch that can be read. */
function rangesOf(record: StoredRecord): SeqRange[] | undefined {
  try {
    return viewBatch(record.payload).ranges();
  } catch (error) {
    if (error instanceof JournalError) return undefined;
    throw error;
  }
}
