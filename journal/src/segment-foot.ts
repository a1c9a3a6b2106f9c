import { crc32 } from 'node:zlib';
import { BlockIndex } from './block-index.js';
import { type Disk, systemErrorCode } from './disk.js';
import { encodeRecord, RECORD_HEAD_BYTES, RecordKind, recordAt } from './record.js';
import type { Segment } from './segment.js';

/** "FLJE", little-endian: the last 16 bytes of a sealed segment begin with it. */
const TRAILER_MAGIC = 0x454a4c46;
const TRAILER_BYTES = 16;

interface IndexContent {
  readonly last: number;
  readonly lastTime: number;
  readonly dataBytes: number;
  readonly firsts: number[];
  readonly positions: number[];
  readonly times: number[];
}

/** The index record of a sealed segment, with the trailer by which it is found from the end of the file. */
export function segmentFoot(tag: number, segment: Segment, time: number): Buffer {
  const { index, last, lastTime, dataBytes } = segment;
  const { firsts, positions, times } = index;
  const content: IndexContent = { last, lastTime, dataBytes, firsts, positions, times };
  const record = encodeRecord(
    tag,
    { kind: RecordKind.index, more: false, count: 0, first: last + 1, time },
    Buffer.from(JSON.stringify(content)),
  );
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(TRAILER_MAGIC, 0);
  trailer.writeUInt32LE(record.length, 4);
  trailer.writeUInt32LE(tag, 8);
  trailer.writeUInt32LE(crc32(trailer.subarray(0, 12)), 12);
  return Buffer.concat([record, trailer]);
}

/** Fills `segment` from its foot. Resolves with false when there is none that is whole: then it is scanned. */
export async function readFoot(disk: Disk, fd: number, tag: number, segment: Segment): Promise<boolean> {
  try {
    return await fillFromFoot(disk, fd, tag, segment);
  } catch (error) {
    if (systemErrorCode(error) === 'EIO') return false;
    throw error;
  }
}

async function fillFromFoot(disk: Disk, fd: number, tag: number, segment: Segment): Promise<boolean> {
  const fileBytes = await disk.sizeBytes(fd);
  if (fileBytes < TRAILER_BYTES + RECORD_HEAD_BYTES) return false;
  const trailer = Buffer.alloc(TRAILER_BYTES);
  await disk.read(fd, trailer, fileBytes - TRAILER_BYTES);
  const recordBytes = trailer.readUInt32LE(4);
  const position = fileBytes - TRAILER_BYTES - recordBytes;
  if (
    trailer.readUInt32LE(0) !== TRAILER_MAGIC ||
    trailer.readUInt32LE(8) !== tag ||
    trailer.readUInt32LE(12) !== crc32(trailer.subarray(0, 12)) ||
    position < 0
  ) {
    return false;
  }
  const bytes = Buffer.alloc(recordBytes);
  await disk.read(fd, bytes, position);
  const record = recordAt(bytes, 0, tag);
  if (typeof record !== 'object' || record.kind !== RecordKind.index) return false;
  const content = JSON.parse(record.payload.toString()) as IndexContent;
  if (content.dataBytes !== position) return false;
  segment.index = new BlockIndex(content.firsts, content.positions, content.times);
  segment.last = content.last;
  segment.lastTime = content.lastTime;
  segment.dataBytes = content.dataBytes;
  segment.fileBytes = fileBytes;
  return true;
}
