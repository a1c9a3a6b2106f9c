import { lastNotAbove } from './block-index.js';
import type { Entry, Reading } from './types.js';
import { unpackBatch } from './view.js';

/** An entry that was appended in this run. */
export class FreshEntry implements Entry {
  readonly first: number;
  readonly last: number;
  readonly packed: Uint8Array;
  /** When it was written, ms since 1970. */
  readonly time: number;
  #readings: readonly Reading[] | undefined;

  constructor(first: number, packed: Uint8Array, readings: readonly Reading[], time: number) {
    this.first = first;
    this.last = first + readings.length - 1;
    this.packed = packed;
    this.time = time;
    this.#readings = readings;
  }

  readings(): readonly Reading[] {
    return this.#readings ?? unpackBatch(this.packed);
  }

  /** Lets go of the objects: they take several times the room of the packed bytes. */
  release(): void {
    this.#readings = undefined;
  }
}

export interface TailLimits {
  /** Packed bytes kept. */
  readonly bytes: number;
  /** Readings kept as objects. */
  readonly readings: number;
}

/** The newest entries, without holes, so that readers that keep up never touch the disk. */
export class Tail {
  readonly #limits: TailLimits;
  /** Before `#from` stand the slots of dropped entries, until they are worth cutting off. */
  #entries: (FreshEntry | undefined)[] = [];
  #firsts: number[] = [];
  #from = 0;
  /** The first entry that still has its objects. */
  #objectsFrom = 0;
  #bytes = 0;
  #readings = 0;

  constructor(limits: TailLimits) {
    this.#limits = limits;
  }

  /** Offset of the oldest reading here; Infinity when there is none. */
  get first(): number {
    return this.#firsts[this.#from] ?? Number.POSITIVE_INFINITY;
  }

  push(entry: FreshEntry): void {
    if (entry.last < entry.first) return;
    this.#entries.push(entry);
    this.#firsts.push(entry.first);
    this.#bytes += entry.packed.length;
    this.#readings += entry.last - entry.first + 1;
    while (this.#readings > this.#limits.readings && this.#releaseOne());
    while (this.#bytes > this.#limits.bytes && this.#dropOne());
  }

  /** Drops what every reader has confirmed. */
  confirmed(offset: number): void {
    while (isConfirmed(this.#entries[this.#from], offset)) this.#dropOne();
  }

  /** The entries with readings after `after`; undefined when the first of them is not here any more. */
  read(after: number, maxReadings: number): FreshEntry[] | undefined {
    if (after + 1 < this.first || this.#from === this.#entries.length) return undefined;
    const found: FreshEntry[] = [];
    let count = 0;
    for (let at = lastNotAbove(this.#firsts, after + 1); at < this.#entries.length; at++) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.last <= after) continue;
      count += entry.last - entry.first + 1;
      if (found.length > 0 && count > maxReadings) break;
      found.push(entry);
    }
    return found;
  }

  /** When the reading at `offset` was written; undefined when it is not here. */
  timeOf(offset: number): number | undefined {
    return offset < this.first ? undefined : this.#entries[lastNotAbove(this.#firsts, offset)]?.time;
  }

  #releaseOne(): boolean {
    const entry = this.#entries[this.#objectsFrom];
    // The newest entry is about to be read by everybody.
    if (entry === undefined || this.#objectsFrom === this.#entries.length - 1) return false;
    entry.release();
    this.#readings -= entry.last - entry.first + 1;
    this.#objectsFrom++;
    return true;
  }

  #dropOne(): boolean {
    const entry = this.#entries[this.#from];
    if (entry === undefined) return false;
    if (this.#objectsFrom === this.#from) {
      this.#readings -= entry.last - entry.first + 1;
      this.#objectsFrom++;
    }
    this.#bytes -= entry.packed.length;
    this.#entries[this.#from] = undefined;
    this.#from++;
    if (this.#from > 64 && this.#from * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#from);
      this.#firsts = this.#firsts.slice(this.#from);
      this.#objectsFrom -= this.#from;
      this.#from = 0;
    }
    return true;
  }
}

/** False where there is no entry: with no reader at all, `offset` is infinite. */
function isConfirmed(entry: FreshEntry | undefined, offset: number): boolean {
  return entry !== undefined && entry.last <= offset;
}
