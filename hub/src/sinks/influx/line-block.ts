import type { Entry, Reading } from '@fieldline/journal';
import type { DeviceLines } from './device-lines.js';
import { WrittenRanges } from './written-ranges.js';

/** When a block is full. */
export interface BlockLimits {
  readonly lines: number;
  readonly bytes: number;
}

/** A line of a block, with the reading that it was made of. */
export interface BlockLine {
  /** With its `\n`. */
  readonly bytes: Uint8Array;
  readonly lines: DeviceLines;
  readonly reading: Reading;
}

/** Lines of a usual length fit into it; it grows for others. */
const USUAL_LINE_BYTES = 160;

/** The lines of one request, and where each of them came from. */
export class LineBlock {
  readonly retentionPolicy: string | undefined;
  readonly ranges = new WrittenRanges();
  readonly #limits: BlockLimits;
  #buffer: Buffer;
  #length = 0;
  /** Where each line ends. */
  readonly #ends: number[] = [];
  readonly #rows: number[] = [];
  readonly #devices: DeviceLines[] = [];
  /** The entries, each with the number of its first line. */
  readonly #entries: { readonly entry: Entry; readonly first: number }[] = [];

  constructor(retentionPolicy: string | undefined, limits: BlockLimits) {
    this.retentionPolicy = retentionPolicy;
    this.#limits = limits;
    this.#buffer = Buffer.allocUnsafe(Math.min(limits.bytes, limits.lines * USUAL_LINE_BYTES));
  }

  /** All lines, as UTF-8. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  get count(): number {
    return this.#ends.length;
  }

  get isFull(): boolean {
    return this.count >= this.#limits.lines || this.#length >= this.#limits.bytes;
  }

  /**
   * @param line with its `\n`
   * @param row of the reading in its entry
   */
  add(line: string, timeUs: number, device: DeviceLines, entry: Entry, row: number): void {
    // A character of UTF-16 takes three bytes at the most.
    if (this.#length + 3 * line.length > this.#buffer.length) this.#grow(3 * line.length);
    this.#length += this.#buffer.write(line, this.#length);
    if (this.#entries.at(-1)?.entry !== entry) this.#entries.push({ entry, first: this.count });
    this.#ends.push(this.#length);
    this.#rows.push(row);
    this.#devices.push(device);
    this.ranges.add(device.measurement, timeUs);
  }

  /**
   * The lines one by one, those with the same fields together and in order of time: what InfluxDB refuses, it refuses
   * for a field or for a time. Costs: readings are unpacked.
   */
  lines(): BlockLine[] {
    const groups = new Map<string, BlockLine[]>();
    for (const [n, { entry, first }] of this.#entries.entries()) {
      const readings = entry.readings();
      const end = this.#entries[n + 1]?.first ?? this.count;
      for (let at = first; at < end; at++) {
        const lines = this.#devices[at] as DeviceLines;
        const reading = readings[this.#rows[at] as number] as Reading;
        const bytes = this.#buffer.subarray(this.#ends[at - 1] ?? 0, this.#ends[at]);
        const key = `${lines.measurement} ${lines.fieldNames(reading).join(' ')}`;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [{ bytes, lines, reading }]);
        else group.push({ bytes, lines, reading });
      }
    }
    return [...groups.values()].flatMap((group) => group.sort((a, b) => a.reading.time - b.reading.time));
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafe(2 * (this.#buffer.length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
