import { BATCH_HEAD_BYTES, BATCH_MAGIC, type BatchSizes, batchLayout } from './packed-layout.js';
import type { Batch, Value } from './types.js';

/** A (device, boot) of the batch. */
interface Source {
  readonly index: number;
  readonly boot: string;
  /** That of its last reading: the next one mostly has it too. */
  shape: Shape | undefined;
  /** Another boot of the same device. */
  next: Source | undefined;
}

/** The metrics of a reading with their types, in the order in which its values are written. */
interface Shape {
  readonly index: number;
  /** Metric, type letter, metric, type letter, … */
  readonly columns: readonly string[];
}

/** Beyond so many values the scratch column is not kept for the next batch. */
const KEPT_SCRATCH_VALUES = 1 << 18;

/** So many shapes are compared before one is looked up by its text, which costs more. */
const COMPARED_SHAPES = 8;

let scratch = new Float64Array(1 << 14);

/**
 * Packs a batch into columns (layout: README, "Packed batch"). It needs nothing but itself to be read back,
 * and owns its whole ArrayBuffer, so it may be transferred to another thread.
 */
export function packBatch(batch: Batch): Uint8Array<ArrayBuffer> {
  const packer = new Packer();
  return packer.pack(batch);
}

class Packer {
  readonly #byDevice = new Map<string, Source>();
  readonly #sources: string[] = [];
  readonly #shapes: Shape[] = [];
  readonly #byColumns = new Map<string, Shape>();
  readonly #strings: string[] = [];
  readonly #byText = new Map<string, number>();
  #sourceCount = 0;
  #values = 0;
  #lastShape: Shape | undefined;

  pack({ readings, ranges }: Batch): Uint8Array<ArrayBuffer> {
    const count = readings.length;
    const source = new Uint32Array(count);
    const shape = new Uint32Array(count);
    let row = 0;
    for (const reading of readings) {
      const from = this.#source(reading.device, reading.boot);
      source[row] = from.index;
      this.#lastShape = this.#addValues(reading.values, from.shape ?? this.#lastShape);
      from.shape = this.#lastShape;
      shape[row++] = from.shape.index;
    }
    const rangeSource = Uint32Array.from(ranges, (range) => this.#source(range.device, range.boot).index);

    const sources = Buffer.from(JSON.stringify(this.#sources));
    const shapes = Buffer.from(JSON.stringify(this.#shapes.map(({ columns }) => columns)));
    const strings = Buffer.from(JSON.stringify(this.#strings));
    const sizes: BatchSizes = {
      count,
      values: this.#values,
      ranges: ranges.length,
      width: this.#sourceCount > 65_536 || this.#shapes.length > 65_536 ? 4 : 2,
      sourcesBytes: sources.length,
      shapesBytes: shapes.length,
      stringsBytes: strings.length,
    };
    const at = batchLayout(sizes);
    const buffer = new ArrayBuffer(at.end);
    writeHead(buffer, sizes);

    const seq = new Float64Array(buffer, at.seq, count);
    const time = new Float64Array(buffer, at.time, count);
    const receivedAt = new Float64Array(buffer, at.receivedAt, count);
    const flags = new Uint8Array(buffer, at.flags, count);
    row = 0;
    for (const reading of readings) {
      seq[row] = reading.seq;
      time[row] = reading.time;
      receivedAt[row] = reading.receivedAt;
      flags[row++] = reading.flags;
    }
    new Float64Array(buffer, at.value, this.#values).set(scratch.subarray(0, this.#values));
    const rangeFirst = new Float64Array(buffer, at.rangeFirst, ranges.length);
    const rangeLast = new Float64Array(buffer, at.rangeLast, ranges.length);
    row = 0;
    for (const range of ranges) {
      rangeFirst[row] = range.first;
      rangeLast[row++] = range.last;
    }
    new Uint32Array(buffer, at.rangeSource, ranges.length).set(rangeSource);
    const Column = sizes.width === 4 ? Uint32Array : Uint16Array;
    new Column(buffer, at.source, count).set(source);
    new Column(buffer, at.shape, count).set(shape);

    const packed = new Uint8Array(buffer);
    packed.set(sources, at.sources);
    packed.set(shapes, at.shapes);
    packed.set(strings, at.strings);
    if (scratch.length > KEPT_SCRATCH_VALUES) scratch = new Float64Array(1 << 14);
    return packed;
  }

  #source(device: string, boot: string): Source {
    const first = this.#byDevice.get(device);
    let source = first;
    while (source !== undefined && source.boot !== boot) source = source.next;
    if (source !== undefined) return source;
    const added: Source = { index: this.#sourceCount++, boot, shape: undefined, next: first };
    this.#sources.push(device, boot);
    this.#byDevice.set(device, added);
    return added;
  }

  /** Writes the values to the scratch column and finds their shape; `guess` is checked on the way. */
  #addValues(values: Readonly<Record<string, Value>>, guess: Shape | undefined): Shape {
    const columns = guess?.columns;
    let fits = columns !== undefined;
    let column = 0;
    for (const metric in values) {
      const value = values[metric] as Value;
      const type = typeof value;
      if (this.#values === scratch.length) growScratch();
      scratch[this.#values++] =
        type === 'number'
          ? (value as number)
          : type === 'boolean'
            ? Number(value)
            : this.#text(value as string);
      if (fits && (columns?.[column] !== metric || columns[column + 1] !== type)) fits = false;
      column += 2;
    }
    return fits && guess !== undefined && column === guess.columns.length ? guess : this.#shape(values);
  }

  #shape(values: Readonly<Record<string, Value>>): Shape {
    const compared = Math.min(this.#shapes.length, COMPARED_SHAPES);
    for (let index = 0; index < compared; index++) {
      const shape = this.#shapes[index];
      if (shape !== undefined && hasShape(values, shape)) return shape;
    }
    const columns: string[] = [];
    for (const metric in values) columns.push(metric, typeof values[metric]);
    const key = JSON.stringify(columns);
    let shape = this.#byColumns.get(key);
    if (shape === undefined) {
      shape = { index: this.#shapes.length, columns };
      this.#shapes.push(shape);
      this.#byColumns.set(key, shape);
    }
    return shape;
  }

  #text(text: string): number {
    let index = this.#byText.get(text);
    if (index === undefined) {
      index = this.#strings.push(text) - 1;
      this.#byText.set(text, index);
    }
    return index;
  }
}

function hasShape(values: Readonly<Record<string, Value>>, { columns }: Shape): boolean {
  let column = 0;
  for (const metric in values) {
    if (columns[column] !== metric || columns[column + 1] !== typeof values[metric]) return false;
    column += 2;
  }
  return column === columns.length;
}

function writeHead(buffer: ArrayBuffer, sizes: BatchSizes): void {
  const head = new DataView(buffer, 0, BATCH_HEAD_BYTES);
  head.setUint32(0, BATCH_MAGIC, true);
  head.setUint32(4, sizes.count, true);
  head.setUint32(8, sizes.values, true);
  head.setUint32(12, sizes.ranges, true);
  head.setUint32(16, sizes.sourcesBytes, true);
  head.setUint32(20, sizes.shapesBytes, true);
  head.setUint32(24, sizes.stringsBytes, true);
  head.setUint32(28, sizes.width, true);
}

function growScratch(): void {
  const larger = new Float64Array(scratch.length * 2);
  larger.set(scratch);
  scratch = larger;
}
