import { join } from 'node:path';
import { BlockIndex } from './block-index.js';

/** One file of the log: what is known of it in memory. */
export class Segment {
  /** Segments are numbered from 1 without holes; a missing number is a lost file. */
  readonly number: number;
  /** Offset of the first reading that it may hold. */
  readonly first: number;
  readonly path: string;
  index = new BlockIndex();
  /** Offset of its last synced reading; `first - 1` while it has none. */
  last: number;
  /** Bytes of the records it begins with: header and snapshot. */
  headBytes = 0;
  /** Bytes of synced records. Nothing is read beyond. */
  dataBytes = 0;
  /** Bytes of the file, the index included. */
  fileBytes = 0;
  /** When its last batch was written, ms since 1970; 0 while it has none. */
  lastTime = 0;
  /** Positions at which damage was seen, so that it is counted once. */
  readonly damage = new Set<number>();

  constructor(directory: string, number: number, first: number) {
    this.number = number;
    this.first = first;
    this.last = first - 1;
    this.path = join(directory, segmentName(number, first));
  }

  /** Takes a synced batch that stands in it. */
  addBatch(batch: { first: number; count: number; time: number }, position: number): void {
    if (batch.count === 0) return;
    this.index.add(batch.first, position, batch.time);
    this.last = batch.first + batch.count - 1;
    this.lastTime = batch.time;
  }

  /** Bytes of its batches after offset `after`, to the precision of a block. */
  bytesAfter(after: number): number {
    if (after >= this.last) return 0;
    if (after < this.first) return this.dataBytes;
    return this.dataBytes - (this.index.positions[this.index.find(after + 1)] ?? 0);
  }
}

const NAME = /^(\d{8,})-(\d{16})\.seg$/;

/** `00000012-0000000000001234.seg`: the segment's number, and the offset of its first reading. */
export function segmentName(number: number, first: number): string {
  return `${String(number).padStart(8, '0')}-${String(first).padStart(16, '0')}.seg`;
}

/** The reverse of {@link segmentName}; undefined when it is not such a name. */
export function parseSegmentName(name: string): { number: number; first: number } | undefined {
  const [, number, first] = NAME.exec(name) ?? [];
  return number === undefined || first === undefined
    ? undefined
    : { number: Number(number), first: Number(first) };
}
