import type { Value } from '@fieldline/journal';
import type { FieldRow } from '../../state/influx-fields.js';
import { fitsInteger } from './line-protocol.js';

/** What InfluxDB stores in a field. One field of one measurement has one of them for ever. */
export type FieldType = 'float' | 'integer' | 'boolean' | 'string';

/** Which field holds which metric, in which of InfluxDB's types. */
export interface Field {
  readonly name: string;
  readonly metric: string;
  readonly type: FieldType;
}

/** Where fields last (state/influx-fields.ts). */
export interface FieldStore {
  all(): Iterable<FieldRow>;
  /** Makes the rows durable, all or none. */
  add(rows: readonly FieldRow[]): void;
}

interface MeasurementFields {
  readonly byMetric: Map<string, Field[]>;
  readonly names: Set<string>;
}

/**
 * Names that mean something else in a query: influxd 1.6.7 answers the first five with its own index instead of the
 * field, and Flux has columns of the others.
 */
const RESERVED = [
  ...['_name', '_fieldKey', '_tagKey', '_tagValue', '_seriesKey'],
  ...['_measurement', '_field', '_value', '_time', 'device'],
];

/**
 * The fields of all measurements. The first type of a metric to arrive owns the plain name; others go to
 * `<metric>_number`, `_boolean`, `_string` (protocol §1.2 "Types"). What was once decided stays, over restarts too,
 * because InfluxDB refuses a field that comes in another type.
 *
 * It grows with the metrics of the devices, whose number is limited per device and in the registry.
 */
export class Fields {
  readonly #store: FieldStore;
  /** Names that no field gets: also those of tags, which queries could not tell apart. */
  readonly #reserved: ReadonlySet<string>;
  readonly #measurements = new Map<string, MeasurementFields>();
  #added: FieldRow[] = [];

  /** @param tags names of the tags beside the device id */
  constructor(store: FieldStore, tags: readonly string[] = []) {
    this.#store = store;
    this.#reserved = new Set([...RESERVED, ...tags]);
  }

  /** Loads what was decided before. */
  open(): void {
    for (const { measurement, name, metric, type } of this.#store.all()) {
      this.#take(this.#measurement(measurement), { name, metric, type });
    }
  }

  /**
   * The field for a value; a new one lasts only after {@link flush}. A number stays in the number field that there
   * is: an integer goes into a float field as a float; what does not fit into an integer field (a fraction, or
   * beyond 64 bits) goes to `<metric>_number`.
   * @param isInteger the metric is to be stored as an integer, if it gets its first field now
   */
  of(measurement: string, metric: string, value: Value, isInteger: boolean): Field {
    const fields = this.#measurement(measurement);
    const known = fields.byMetric.get(metric)?.find(({ type }) => holds(type, value));
    if (known !== undefined) return known;
    const type = typeof value;
    const isPlainFree = !fields.byMetric.has(metric) && this.#isFree(fields, metric);
    const field: Field = {
      metric,
      name: isPlainFree ? metric : this.#suffixed(fields, metric, type),
      type:
        type !== 'number'
          ? (type as 'boolean' | 'string')
          : isPlainFree && isInteger && fitsInteger(value)
            ? 'integer'
            : 'float',
    };
    this.#take(fields, field);
    this.#added.push({ measurement, ...field });
    return field;
  }

  /** All fields of a metric, the plain one first. */
  ofMetric(measurement: string, metric: string): readonly Field[] {
    return this.#measurements.get(measurement)?.byMetric.get(metric) ?? [];
  }

  /** All fields of a measurement. */
  ofMeasurement(measurement: string): readonly Field[] {
    return [...(this.#measurements.get(measurement)?.byMetric.values() ?? [])].flat();
  }

  /** The measurements that have fields. */
  measurements(): Iterable<string> {
    return this.#measurements.keys();
  }

  /**
   * Makes new fields durable. Before it has returned no line that uses them may be sent.
   * @throws FieldlineError `state_unwritable`, `state_damaged`; the fields still wait then
   */
  flush(): void {
    if (this.#added.length === 0) return;
    this.#store.add(this.#added);
    this.#added = [];
  }

  #suffixed(fields: MeasurementFields, metric: string, suffix: string): string {
    const name = `${metric}_${suffix}`;
    if (this.#isFree(fields, name)) return name;
    // A metric of its own has that name.
    for (let n = 2; ; n++) {
      if (this.#isFree(fields, `${name}_${n}`)) return `${name}_${n}`;
    }
  }

  #isFree(fields: MeasurementFields, name: string): boolean {
    // In a condition, InfluxQL takes `Time` for the timestamp, too.
    return !fields.names.has(name) && !this.#reserved.has(name) && name.toLowerCase() !== 'time';
  }

  #measurement(name: string): MeasurementFields {
    let fields = this.#measurements.get(name);
    if (fields === undefined) {
      fields = { byMetric: new Map(), names: new Set() };
      this.#measurements.set(name, fields);
    }
    return fields;
  }

  #take(fields: MeasurementFields, field: Field): void {
    const ofMetric = fields.byMetric.get(field.metric);
    if (ofMetric === undefined) fields.byMetric.set(field.metric, [field]);
    else ofMetric.push(field);
    fields.names.add(field.name);
  }
}

function holds(type: FieldType, value: Value): boolean {
  if (typeof value !== 'number') return type === typeof value;
  return type === 'float' || (type === 'integer' && fitsInteger(value));
}
