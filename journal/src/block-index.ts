/** A block is a run of records that is read together. It ends once it has so many bytes, */
const BLOCK_BYTES = 64 * 1024;
/** or at this size when it spans the time below, so that the age of a slow log's records is known well. */
const SHORT_BLOCK_BYTES = 4 * 1024;
const SHORT_BLOCK_MS = 1000;

/** Where the batches of a segment stand: one row per block, ascending. A few dozen bytes for every 64 KiB. */
export class BlockIndex {
  /** Offset of each block's first reading. */
  readonly firsts: number[];
  /** Its position in the file, in bytes. */
  readonly positions: number[];
  /** When its first batch was written, ms since 1970. */
  readonly times: number[];

  constructor(firsts: number[] = [], positions: number[] = [], times: number[] = []) {
    this.firsts = firsts;
    this.positions = positions;
    this.times = times;
  }

  get length(): number {
    return this.firsts.length;
  }

  /** Takes the next batch: it begins a block, or belongs to the last one. */
  add(first: number, position: number, time: number): void {
    const last = this.length - 1;
    const sizeBytes = position - (this.positions[last] ?? Number.NEGATIVE_INFINITY);
    const ageMs = time - (this.times[last] ?? 0);
    if (sizeBytes < SHORT_BLOCK_BYTES || (sizeBytes < BLOCK_BYTES && ageMs < SHORT_BLOCK_MS)) return;
    this.firsts.push(first);
    this.positions.push(position);
    this.times.push(time);
  }

  /** The block in which `offset` stands, or would: the last one that does not begin after it; at least 0. */
  find(offset: number): number {
    return lastNotAbove(this.firsts, offset);
  }

  /** The first block that was begun at `time` or later; `length` when there is none. */
  findTime(time: number): number {
    const block = this.times.findIndex((begun) => begun >= time);
    return block < 0 ? this.length : block;
  }
}

/** The index of the last element of an ascending list that is not above `value`; at least 0. */
export function lastNotAbove(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ascending[middle] as number) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
