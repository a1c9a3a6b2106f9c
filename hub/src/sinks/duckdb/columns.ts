import { type BatchView, type Shape, viewBatch } from '@fieldline/journal';
import type { SeriesRow, WritePart } from './calls.js';
import type { SeriesIndex } from './series.js';

/** Values of one kind, as DuckDB's vectors want them: one element of each column per value. */
export interface Columns<V> {
  count: number;
  readonly series: Int32Array;
  /** Microseconds since 1970 as 64-bit integers, written as two 32-bit halves. */
  readonly time: Uint32Array;
  readonly value: V;
}

export interface UnpackedColumns {
  /** Numbers, and booleans as 0 and 1. */
  readonly points: Columns<Float64Array>;
  readonly texts: Columns<string[]>;
  /** Series that were seen for the first time. */
  readonly added: readonly SeriesRow[];
}

/** Sets of metrics that are remembered per device: beyond it a device sends them at random. */
const MAX_SHAPES_PER_DEVICE = 16;

/** Larger columns are not kept for the next write; 20 bytes a point. */
const MAX_KEPT_POINTS = 500_000;

/**
 * Turns packed batches into columns, and devices and metrics into numbers of series. It remembers the numbers
 * per device and set of metrics: a reading then costs two look-ups, whatever it holds.
 */
export class Unpacker {
  readonly #series: SeriesIndex;
  readonly #known = new Map<string, Map<string, Int32Array>>();
  #added: SeriesRow[] = [];
  #points = columns(0, new Float64Array(0));

  constructor(series: SeriesIndex) {
    this.#series = series;
  }

  /** Unpacks the readings with offsets above `position`. The columns are good until the next call. */
  unpack(parts: readonly WritePart[], position: number): UnpackedColumns {
    const views = parts.map((part) => ({ first: part.first, view: viewBatch(part.packed) }));
    const capacity = views.reduce((sum, { view }) => sum + view.values.length, 0);
    const points = this.#pointColumns(capacity);
    const texts = columns<string[]>(views.some(({ view }) => view.strings.length > 0) ? capacity : 0, []);
    this.#added = [];
    for (const { first, view } of views) this.#unpackView(view, position - first + 1, points, texts);
    return { points, texts, added: this.#added };
  }

  /** Columns are used again, because fresh ones would pile up as garbage between two collections. */
  #pointColumns(capacity: number): Columns<Float64Array> {
    const kept = this.#points;
    kept.count = 0;
    if (kept.value.length >= capacity) return kept;
    const points = columns(capacity, new Float64Array(capacity));
    if (capacity <= MAX_KEPT_POINTS) this.#points = points;
    return points;
  }

  #unpackView(view: BatchView, skip: number, points: Columns<Float64Array>, texts: Columns<string[]>): void {
    const { devices, shapes, strings, values, time, source, shape } = view;
    const keys = shapes.map(shapeKey);
    let next = 0;
    for (let row = 0; row < view.count; row++) {
      const { types } = shapes[shape[row] as number] as Shape;
      if (row < skip) {
        next += types.length;
        continue;
      }
      const device = devices[source[row] as number] as string;
      const ids = this.#ids(
        device,
        shapes[shape[row] as number] as Shape,
        keys[shape[row] as number] as string,
      );
      const timeUs = time[row] as number;
      const high = Math.floor(timeUs / 2 ** 32);
      const low = timeUs - high * 2 ** 32;
      for (let column = 0; column < ids.length; column++) {
        const value = values[next++] as number;
        const isText = types[column] === 'string';
        const to = isText ? texts : points;
        const at = to.count++;
        to.series[at] = ids[column] as number;
        to.time[2 * at] = low;
        to.time[2 * at + 1] = high;
        if (isText) texts.value.push(strings[value] as string);
        else points.value[at] = value;
      }
    }
  }

  #ids(device: string, shape: Shape, key: string): Int32Array {
    const shapes = this.#known.get(device) ?? new Map<string, Int32Array>();
    const known = shapes.get(key);
    if (known !== undefined) return known;
    const ids = Int32Array.from(shape.metrics, (metric, column) => {
      const kind = shape.types[column] ?? 'number';
      const found = this.#series.find(device, metric, kind);
      if (found !== undefined) return found.id;
      const row = this.#series.create(device, metric, kind);
      this.#added.push(row);
      return row.id;
    });
    this.#known.set(device, shapes);
    if (shapes.size >= MAX_SHAPES_PER_DEVICE) shapes.clear();
    shapes.set(key, ids);
    return ids;
  }
}

function columns<V>(capacity: number, value: V): Columns<V> {
  return { count: 0, series: new Int32Array(capacity), time: new Uint32Array(2 * capacity), value };
}

function shapeKey(shape: Shape): string {
  return JSON.stringify([shape.metrics, shape.types]);
}
