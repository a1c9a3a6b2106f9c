import { endianness } from 'node:os';
import { JournalError } from './errors.js';
import { BATCH_HEAD_BYTES, BATCH_MAGIC, type BatchSizes, batchLayout } from './packed-layout.js';
import type { Reading, SeqRange, Value } from './types.js';

if (endianness() !== 'LE') throw new Error('@fieldline/journal: packed batches need a little-endian machine');

/** The type of a metric's value, as `typeof` names it. */
export type ValueType = 'number' | 'boolean' | 'string';

/** The metrics of a reading and their types, in the order of its values. */
export interface Shape {
  readonly metrics: readonly string[];
  readonly types: readonly ValueType[];
}

/**
 * A packed batch seen as columns, without unpacking it. Works in any thread.
 *
 * Reading `i` came from `devices[source[i]]`, `boots[source[i]]`, and has the metrics of
 * `shapes[shape[i]]`. The values of all readings stand in `values` one after another: a number as it is, a
 * boolean as 0 or 1, a text as its index in `strings`.
 */
export class BatchView {
  /** Number of readings. */
  readonly count: number;
  readonly seq: Float64Array;
  /** Microseconds since 1970. */
  readonly time: Float64Array;
  /** Microseconds since 1970. */
  readonly receivedAt: Float64Array;
  readonly values: Float64Array;
  readonly source: Uint16Array | Uint32Array;
  readonly shape: Uint16Array | Uint32Array;
  readonly flags: Uint8Array;
  readonly #packed: Uint8Array;
  readonly #sizes: BatchSizes;
  readonly #at: ReturnType<typeof batchLayout>;
  #sources: { devices: string[]; boots: string[] } | undefined;
  #shapes: Shape[] | undefined;
  #strings: string[] | undefined;

  /** Use {@link viewBatch}. */
  constructor(packed: Uint8Array, sizes: BatchSizes) {
    const at = batchLayout(sizes);
    const { buffer, byteOffset } = packed;
    const { count } = sizes;
    this.#packed = packed;
    this.#sizes = sizes;
    this.#at = at;
    this.count = count;
    this.seq = new Float64Array(buffer, byteOffset + at.seq, count);
    this.time = new Float64Array(buffer, byteOffset + at.time, count);
    this.receivedAt = new Float64Array(buffer, byteOffset + at.receivedAt, count);
    this.values = new Float64Array(buffer, byteOffset + at.value, sizes.values);
    this.source = indexColumn(packed, at.source, sizes);
    this.shape = indexColumn(packed, at.shape, sizes);
    this.flags = new Uint8Array(buffer, byteOffset + at.flags, count);
  }

  /** Device ids, by source. */
  get devices(): readonly string[] {
    return this.#sourceTable().devices;
  }

  /** Boots, by source. */
  get boots(): readonly string[] {
    return this.#sourceTable().boots;
  }

  get shapes(): readonly Shape[] {
    this.#shapes ??= this.#table<ValueType[][]>(this.#at.shapes, this.#sizes.shapesBytes).map((columns) => ({
      metrics: columns.filter((_, column) => column % 2 === 0),
      types: columns.filter((_, column) => column % 2 === 1),
    }));
    return this.#shapes;
  }

  get strings(): readonly string[] {
    this.#strings ??= this.#table<string[]>(this.#at.strings, this.#sizes.stringsBytes);
    return this.#strings;
  }

  /** The message numbers that the batch answers. */
  ranges(): SeqRange[] {
    const { buffer, byteOffset } = this.#packed;
    const { ranges } = this.#sizes;
    const first = new Float64Array(buffer, byteOffset + this.#at.rangeFirst, ranges);
    const last = new Float64Array(buffer, byteOffset + this.#at.rangeLast, ranges);
    const source = new Uint32Array(buffer, byteOffset + this.#at.rangeSource, ranges);
    return Array.from(source, (index, row) => ({
      device: item(this.devices, index),
      boot: item(this.boots, index),
      first: item(first, row),
      last: item(last, row),
    }));
  }

  /** Unpacks every reading. */
  readings(): Reading[] {
    const { devices, boots, shapes, strings, values } = this;
    const readings: Reading[] = new Array(this.count);
    let next = 0;
    for (let row = 0; row < this.count; row++) {
      const source = item(this.source, row);
      const { metrics, types } = item(shapes, item(this.shape, row));
      const unpacked: Record<string, Value> = {};
      for (let column = 0; column < metrics.length; column++) {
        const value = item(values, next++);
        const type = types[column];
        put(
          unpacked,
          item(metrics, column),
          type === 'number' ? value : type === 'boolean' ? value === 1 : item(strings, value),
        );
      }
      readings[row] = {
        device: item(devices, source),
        boot: item(boots, source),
        seq: item(this.seq, row),
        time: item(this.time, row),
        receivedAt: item(this.receivedAt, row),
        values: unpacked,
        flags: item(this.flags, row),
      };
    }
    return readings;
  }

  #sourceTable() {
    if (this.#sources === undefined) {
      const table = this.#table<string[]>(this.#at.sources, this.#sizes.sourcesBytes);
      this.#sources = {
        devices: table.filter((_, row) => row % 2 === 0),
        boots: table.filter((_, row) => row % 2 === 1),
      };
    }
    return this.#sources;
  }

  #table<T>(from: number, bytes: number): T {
    const { buffer, byteOffset } = this.#packed;
    const text = Buffer.from(buffer, byteOffset + from, bytes).toString('utf8');
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new JournalError('damaged', 'a table of a packed batch is not JSON', { cause });
    }
  }
}

/**
 * Opens a packed batch for reading its columns. Copies it only when it does not stand on an 8-byte boundary.
 * @throws JournalError `damaged` when the bytes are no packed batch, also later when a table is read
 */
export function viewBatch(packed: Uint8Array): BatchView {
  const sizes = readHead(packed);
  const aligned = packed.byteOffset % 8 === 0 ? packed : new Uint8Array(packed);
  return new BatchView(aligned, sizes);
}

/** The readings of a packed batch. @throws JournalError `damaged` */
export function unpackBatch(packed: Uint8Array): Reading[] {
  return viewBatch(packed).readings();
}

function readHead(packed: Uint8Array): BatchSizes {
  if (packed.length < BATCH_HEAD_BYTES) throw new JournalError('damaged', 'too short for a packed batch');
  const head = new DataView(packed.buffer, packed.byteOffset, BATCH_HEAD_BYTES);
  if (head.getUint32(0, true) !== BATCH_MAGIC) throw new JournalError('damaged', 'not a packed batch');
  const sizes: BatchSizes = {
    count: head.getUint32(4, true),
    values: head.getUint32(8, true),
    ranges: head.getUint32(12, true),
    sourcesBytes: head.getUint32(16, true),
    shapesBytes: head.getUint32(20, true),
    stringsBytes: head.getUint32(24, true),
    width: head.getUint32(28, true) === 4 ? 4 : 2,
  };
  if (batchLayout(sizes).end !== packed.length) {
    throw new JournalError('damaged', 'the columns of a packed batch do not add up to its length');
  }
  return sizes;
}

function indexColumn(
  packed: Uint8Array,
  at: number,
  { width, count }: BatchSizes,
): Uint16Array | Uint32Array {
  const from = packed.byteOffset + at;
  return width === 4
    ? new Uint32Array(packed.buffer, from, count)
    : new Uint16Array(packed.buffer, from, count);
}

/** An element that a valid batch has. */
function item<T>(column: ArrayLike<T>, index: number): T {
  const element = column[index];
  if (element === undefined) throw new JournalError('damaged', 'a packed batch points outside of its tables');
  return element;
}

/** An assignment would call the setter of `__proto__` and lose the value. */
function put(values: Record<string, Value>, metric: string, value: Value): void {
  if (metric === '__proto__') {
    Object.defineProperty(values, metric, { value, enumerable: true, configurable: true, writable: true });
  } else values[metric] = value;
}
