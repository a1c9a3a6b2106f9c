import type { Entry, Reading } from '@fieldline/journal';
import type { DeviceLines } from './device-lines.js';
import { WrittenRanges } from './written-ranges.js';

/** A line of a block, with the reading that it was made of. */
export interface BlockLine {
  readonly text: string;
  readonly lines: DeviceLines;
  readonly reading: Reading;
}

/** The lines of one request, and where each of them came from. */
export class LineBlock {
  readonly retentionPolicy: string | undefined;
  readonly ranges = new WrittenRanges();
  #text = '';
  /** Where each line starts in the text. */
  readonly #starts: number[] = [];
  readonly #entries: Entry[] = [];
  readonly #rows: number[] = [];
  readonly #devices: DeviceLines[] = [];

  constructor(retentionPolicy: string | undefined) {
    this.retentionPolicy = retentionPolicy;
  }

  /** All lines, each with its `\n`. */
  get text(): string {
    return this.#text;
  }

  get count(): number {
    return this.#starts.length;
  }

  /** @param row of the reading in its entry */
  add(text: string, timeUs: number, device: DeviceLines, entry: Entry, row: number): void {
    this.#starts.push(this.#text.length);
    this.#text += `${text}\n`;
    this.#entries.push(entry);
    this.#rows.push(row);
    this.#devices.push(device);
    this.ranges.add(device.measurement, timeUs);
  }

  /** The lines one by one, those of a device together. Costs: readings are unpacked. */
  lines(): BlockLine[] {
    const unpacked = new Map<Entry, readonly Reading[]>();
    const lines = this.#starts.map((start, n) => {
      const entry = this.#entries[n] as Entry;
      let readings = unpacked.get(entry);
      if (readings === undefined) {
        readings = entry.readings();
        unpacked.set(entry, readings);
      }
      const end = this.#starts[n + 1] ?? this.#text.length;
      return {
        text: this.#text.slice(start, end),
        lines: this.#devices[n] as DeviceLines,
        reading: readings[this.#rows[n] as number] as Reading,
      };
    });
    const order = new Map(this.#devices.map((device, n) => [device, n]));
    return lines.sort((a, b) => (order.get(a.lines) ?? 0) - (order.get(b.lines) ?? 0));
  }
}
