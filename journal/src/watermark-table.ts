import type { SeqRange, Watermark } from './types.js';
import { applyRange, emptyWatermark } from './watermark.js';

/** So many boots of a device are remembered; the one that was written longest ago goes first. */
const MAX_BOOTS = 4;
/** So many devices are remembered. Beyond, the tenth of them that was written longest ago is forgotten. */
const MAX_DEVICES = 200_000;

interface Device {
  /** Least recently written first. */
  marks: readonly Watermark[];
  /** Grows with every write to the table. */
  writtenAt: number;
}

/** The watermarks of all devices. */
export class WatermarkTable {
  readonly #devices = new Map<string, Device>();
  readonly #maxDevices: number;
  #writes = 0;

  constructor(maxDevices = MAX_DEVICES) {
    this.#maxDevices = maxDevices;
  }

  /** The boots of a device, least recently written first. */
  of(device: string): readonly Watermark[] {
    return this.#devices.get(device)?.marks ?? [];
  }

  apply({ device, boot, first, last }: SeqRange): void {
    const known = this.#devices.get(device);
    if (known === undefined) {
      this.set(device, [applyRange(emptyWatermark(boot), first, last)]);
      return;
    }
    known.writtenAt = ++this.#writes;
    const { marks } = known;
    const newest = marks.at(-1);
    if (newest?.boot === boot && marks.length === 1) {
      known.marks = [applyRange(newest, first, last)];
      return;
    }
    const before = marks.find((mark) => mark.boot === boot) ?? emptyWatermark(boot);
    const others = marks.filter((mark) => mark !== before);
    known.marks = [...others.slice(1 - MAX_BOOTS), applyRange(before, first, last)];
  }

  /** Replaces what is known of a device. */
  set(device: string, marks: readonly Watermark[]): void {
    this.#devices.set(device, { marks, writtenAt: ++this.#writes });
    if (this.#devices.size > this.#maxDevices) this.#forgetOldest();
  }

  /** Every device, least recently written first. */
  entries(): [device: string, marks: readonly Watermark[]][] {
    return this.#byAge().map(([device, { marks }]) => [device, marks]);
  }

  #forgetOldest(): void {
    const count = Math.ceil(this.#maxDevices / 10);
    for (const [device] of this.#byAge().slice(0, count)) this.#devices.delete(device);
  }

  #byAge(): [string, Device][] {
    return [...this.#devices].sort(([, a], [, b]) => a.writtenAt - b.writtenAt);
  }
}
