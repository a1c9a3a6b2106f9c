import { crc32 } from 'node:zlib';

/** "FLJ1", little-endian: every record begins with it. */
export const RECORD_MAGIC = 0x314a4c46;
/** The same as it stands in a file. */
export const RECORD_MAGIC_BYTES = Buffer.from('FLJ1', 'latin1');
export const RECORD_HEAD_BYTES = 40;
/** A length beyond it is damage, so that a flipped bit cannot make recovery swallow a whole file. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

export const RecordKind = {
  /** First in a segment: which log, which format. JSON. */
  segment: 1,
  /** Watermarks and cursors as of the segment's beginning, in one or more parts. JSON. */
  snapshot: 2,
  /** A packed batch. */
  batch: 3,
  /** All cursors. JSON. */
  cursors: 4,
  /** Last in a sealed segment: where its batches stand. JSON. */
  index: 5,
} as const;

export interface RecordHead {
  readonly kind: number;
  /** The next record belongs to this one: a snapshot's next part, or the rest of a large append. */
  readonly more: boolean;
  /** Readings of a batch, else 0. */
  readonly count: number;
  /** Offset of the first reading; for other kinds, the one that the next reading will get. */
  readonly first: number;
  /** When it was written, ms since 1970. */
  readonly time: number;
}

export interface StoredRecord extends RecordHead {
  /** Of the whole record. */
  readonly sizeBytes: number;
  /**
   * 32 random bits of the log that wrote it. Recovery looks for records inside damaged ones, whose bytes a
   * device may have chosen; it cannot know the tag, so it cannot plant a record there.
   */
  readonly tag: number;
  /** A view: copy what outlives the buffer. */
  readonly payload: Buffer;
}

/** Writes a record to `into` at `at`, and returns the position after it. */
export function writeRecord(
  into: Buffer,
  at: number,
  tag: number,
  head: RecordHead,
  payload: Uint8Array,
): number {
  const end = at + RECORD_HEAD_BYTES + payload.length;
  into.writeUInt32LE(RECORD_MAGIC, at);
  into.writeUInt32LE(end - at, at + 4);
  into.writeUInt8(head.kind, at + 12);
  into.writeUInt8(head.more ? 1 : 0, at + 13);
  into.writeUInt16LE(0, at + 14);
  into.writeUInt32LE(tag, at + 16);
  into.writeUInt32LE(head.count, at + 20);
  into.writeDoubleLE(head.first, at + 24);
  into.writeDoubleLE(head.time, at + 32);
  into.set(payload, at + RECORD_HEAD_BYTES);
  into.writeUInt32LE(crc32(into.subarray(at + 12, end)), at + 8);
  return end;
}

/** One record alone. */
export function encodeRecord(tag: number, head: RecordHead, payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEAD_BYTES + payload.length);
  writeRecord(record, 0, tag, head, payload);
  return record;
}

/**
 * The record at `at`, or `bad` when none stands there, or the number of bytes that are needed to tell.
 * @param tag the log's; undefined takes any
 */
export function recordAt(bytes: Buffer, at: number, tag: number | undefined): StoredRecord | 'bad' | number {
  if (bytes.length - at < RECORD_HEAD_BYTES) return RECORD_HEAD_BYTES;
  if (bytes.readUInt32LE(at) !== RECORD_MAGIC) return 'bad';
  const sizeBytes = bytes.readUInt32LE(at + 4);
  if (sizeBytes < RECORD_HEAD_BYTES || sizeBytes > MAX_RECORD_BYTES) return 'bad';
  const ownTag = bytes.readUInt32LE(at + 16);
  if (tag !== undefined && ownTag !== tag) return 'bad';
  if (bytes.length - at < sizeBytes) return sizeBytes;
  const end = at + sizeBytes;
  if (crc32(bytes.subarray(at + 12, end)) !== bytes.readUInt32LE(at + 8)) return 'bad';
  return {
    kind: bytes.readUInt8(at + 12),
    more: (bytes.readUInt8(at + 13) & 1) === 1,
    count: bytes.readUInt32LE(at + 20),
    first: bytes.readDoubleLE(at + 24),
    time: bytes.readDoubleLE(at + 32),
    sizeBytes,
    tag: ownTag,
    payload: bytes.subarray(at + RECORD_HEAD_BYTES, end),
  };
}
