import { type Disk, systemErrorCode } from './disk.js';
import { RECORD_HEAD_BYTES, RECORD_MAGIC_BYTES, recordAt, type StoredRecord } from './record.js';

export interface ScanOptions {
  /** Where to begin and to stop, in bytes of the file. */
  readonly from: number;
  readonly to: number;
  /** The log's tag; undefined takes that of the first valid record. */
  readonly tag: number | undefined;
  /** Called for every valid record in order; `stop` ends the scan after it. Its payload is a view. */
  readonly visit: (record: StoredRecord, position: number) => 'stop' | undefined;
  /** Called for every stretch without a valid record that has one after it. */
  readonly onDamage?: (position: number) => void;
  /** Bytes read at once. */
  readonly windowBytes?: number;
}

export interface Scan {
  /** Position after the last valid record. */
  readonly end: number;
  /** The tag that the records had; undefined when there was none. */
  readonly tag: number | undefined;
}

/**
 * Goes through the records of a file. Where no valid record stands (damage, a torn tail), it looks for the
 * next place where one does. It always ends: each step moves forward, and a record's length is bounded.
 */
export async function scanRecords(disk: Disk, fd: number, options: ScanOptions): Promise<Scan> {
  const window = new Window(disk, fd, options);
  let { tag } = options;
  let end = options.from;
  let damagedFrom: number | undefined;
  while (await window.holds(RECORD_HEAD_BYTES)) {
    let record = recordAt(window.bytes, window.at, tag);
    if (typeof record === 'number') {
      record = (await window.holds(record)) ? recordAt(window.bytes, window.at, tag) : 'bad';
    }
    if (record === 'bad' || typeof record === 'number') {
      damagedFrom ??= window.position;
      window.toNextMagic();
      continue;
    }
    if (damagedFrom !== undefined) options.onDamage?.(damagedFrom);
    damagedFrom = undefined;
    tag ??= record.tag;
    const verdict = options.visit(record, window.position);
    window.at += record.sizeBytes;
    end = window.position;
    if (verdict === 'stop') break;
  }
  return { end, tag };
}

const WINDOW_BYTES = 4 * 1024 * 1024;
/** What a disk loses at once. */
const SECTOR_BYTES = 4096;

/** The part of the file that is in memory. Grows to hold a record, but never beyond the largest one. */
class Window {
  bytes = Buffer.alloc(0);
  /** Where the scan stands, in `bytes`. */
  at = 0;
  readonly #disk: Disk;
  readonly #fd: number;
  readonly #to: number;
  readonly #windowBytes: number;
  /** Position of `bytes` in the file. */
  #base: number;

  constructor(disk: Disk, fd: number, options: ScanOptions) {
    this.#disk = disk;
    this.#fd = fd;
    this.#base = options.from;
    this.#to = options.to;
    this.#windowBytes = options.windowBytes ?? WINDOW_BYTES;
  }

  get position(): number {
    return this.#base + this.at;
  }

  /** Makes `sizeBytes` available at `at`; false when the file ends before. */
  async holds(sizeBytes: number): Promise<boolean> {
    if (this.bytes.length - this.at >= sizeBytes) return true;
    if (this.#to - this.position < sizeBytes) return false;
    const wanted = Math.min(Math.max(sizeBytes, this.#windowBytes), this.#to - this.position);
    const larger = Buffer.allocUnsafe(wanted);
    const kept = this.bytes.copy(larger, 0, this.at);
    this.#base += this.at;
    this.at = 0;
    const filled = await this.#fill(larger, kept);
    this.bytes = larger.subarray(0, filled);
    return filled >= sizeBytes;
  }

  /** Steps to the next place that looks like the beginning of a record, or to the end of what is here. */
  toNextMagic(): void {
    const found = this.bytes.indexOf(RECORD_MAGIC_BYTES, this.at + 1);
    const tooFewToTell = this.bytes.length - RECORD_MAGIC_BYTES.length + 1;
    this.at = found >= 0 ? found : Math.max(this.at + 1, tooFewToTell);
  }

  async #fill(into: Buffer, from: number): Promise<number> {
    let filled = from;
    while (filled < into.length) {
      try {
        const n = await this.#disk.read(this.#fd, into.subarray(filled), this.#base + filled);
        if (n === 0) break;
        filled += n;
      } catch (error) {
        if (systemErrorCode(error) !== 'EIO') throw error;
        // A sector that cannot be read is damage like any other: the rest of the file may be well.
        const sectorEnd = SECTOR_BYTES - ((this.#base + filled) % SECTOR_BYTES);
        const lost = Math.min(sectorEnd, into.length - filled);
        into.fill(0, filled, filled + lost);
        filled += lost;
      }
    }
    return filled;
  }
}
