import type { SeriesKind, SeriesRow } from './calls.js';

/** The series of the history file: which number stands for which device, metric and kind of value. */
export class SeriesIndex {
  readonly #byId = new Map<number, SeriesRow>();
  readonly #byDevice = new Map<string, Map<string, SeriesRow[]>>();
  #next = 1;

  add(row: SeriesRow): void {
    this.#byId.set(row.id, row);
    const metrics = this.#byDevice.get(row.device) ?? new Map<string, SeriesRow[]>();
    this.#byDevice.set(row.device, metrics);
    metrics.set(row.metric, [...(metrics.get(row.metric) ?? []), row]);
    this.#next = Math.max(this.#next, row.id + 1);
  }

  get(id: number): SeriesRow | undefined {
    return this.#byId.get(id);
  }

  /** The series of one metric (several when it was retyped), or of all metrics of the device. */
  of(device: string, metric?: string): readonly SeriesRow[] {
    const metrics = this.#byDevice.get(device);
    if (metrics === undefined) return [];
    return metric === undefined ? [...metrics.values()].flat() : (metrics.get(metric) ?? []);
  }

  find(device: string, metric: string, kind: SeriesKind): SeriesRow | undefined {
    return this.of(device, metric).find((row) => row.kind === kind);
  }

  /** Makes a series with the next free number, and adds it. */
  create(device: string, metric: string, kind: SeriesKind): SeriesRow {
    const row: SeriesRow = { id: this.#next, device, metric, kind };
    this.add(row);
    return row;
  }

  devices(): Iterable<string> {
    return this.#byDevice.keys();
  }

  all(): Iterable<SeriesRow> {
    return this.#byId.values();
  }
}
