import { JournalError } from './errors.js';
import { packBatch } from './pack.js';
import { MAX_RECORD_BYTES, RECORD_HEAD_BYTES } from './record.js';
import type { FreshEntry } from './tail.js';
import type { Batch, Entry, Reading } from './types.js';
import { assertRange } from './watermark.js';

/** A batch that fits a record, packed. */
export interface Part {
  readonly batch: Batch;
  readonly packed: Uint8Array;
}

/** A batch on its way to disk: one part, or several that recovery takes together or not at all. */
export class Append {
  readonly parts: readonly Part[];
  readonly batch: Batch;
  readonly sizeBytes: number;
  /** Settles with `resolve` or `reject`. */
  readonly done: Promise<Entry>;
  #resolve: (entry: Entry) => void = () => undefined;
  #reject: (error: JournalError) => void = () => undefined;

  /** @throws JournalError `too_large` when one reading does not fit a record; RangeError for a bad range */
  constructor(batch: Batch, maxRecordBytes: number) {
    for (const range of batch.ranges) assertRange(range.first, range.last);
    this.batch = batch;
    this.parts = fit(batch, Math.min(maxRecordBytes, MAX_RECORD_BYTES) - RECORD_HEAD_BYTES);
    this.sizeBytes = this.parts.reduce((sum, { packed }) => sum + RECORD_HEAD_BYTES + packed.length, 0);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** @param entries one for each part */
  resolve(entries: readonly FreshEntry[]): Entry {
    const [first, ...rest] = entries;
    const entry =
      first !== undefined && rest.length === 0 ? first : new WholeEntry(first?.first ?? 0, this.batch);
    this.#resolve(entry);
    return entry;
  }

  reject(error: JournalError): void {
    this.#reject(error);
  }
}

/** What the caller gets for a batch that took several records. */
class WholeEntry implements Entry {
  readonly first: number;
  readonly last: number;
  readonly #batch: Batch;
  #packed: Uint8Array | undefined;

  constructor(first: number, batch: Batch) {
    this.first = first;
    this.last = first + batch.readings.length - 1;
    this.#batch = batch;
  }

  get packed(): Uint8Array {
    this.#packed ??= packBatch(this.#batch);
    return this.#packed;
  }

  readings(): readonly Reading[] {
    return this.#batch.readings;
  }
}

/** Halves a batch until every part fits. */
function fit(batch: Batch, maxBytes: number): Part[] {
  const packed = packBatch(batch);
  if (packed.length <= maxBytes) return [{ batch, packed }];
  const { readings, ranges } = batch;
  if (readings.length + ranges.length <= 1) {
    throw new JournalError('too_large', `one reading of ${packed.length} bytes; a record holds ${maxBytes}`);
  }
  // Readings first: the numbers that are answered stand in the last parts.
  const all = readings.length + ranges.length;
  const half = Math.ceil(all / 2);
  const split = Math.max(0, half - readings.length);
  const front = { readings: readings.slice(0, half), ranges: ranges.slice(0, split) };
  const back = { readings: readings.slice(half), ranges: ranges.slice(split) };
  return [...fit(front, maxBytes), ...fit(back, maxBytes)];
}
