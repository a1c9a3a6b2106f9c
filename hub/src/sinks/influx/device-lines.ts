import type { Reading, Value, ValueType } from '@fieldline/journal';
import type { Device } from '../../devices/device.js';
import type { Field, Fields } from './fields.js';
import {
  fitsInteger,
  floatText,
  integerText,
  keyText,
  prefixText,
  stringText,
  valueText,
} from './line-protocol.js';
import { measurementOf } from './measurement.js';

/** A field of one reading, as it stands in its line. */
export interface FieldText {
  readonly metric: string;
  /** `temperature=21.5` */
  readonly text: string;
  readonly field: Field;
}

/** A set of metrics of one device, ready to be written. */
export interface Plan {
  /** What stands before each value: `env,device=a temperature=`, `,humidity=`. */
  readonly heads: readonly string[];
  readonly fields: readonly Field[];
}

/** Sets of metrics that are remembered: beyond it the device sends them at random. */
const MAX_PLANS = 16;

/**
 * Lines of one device, as long as its registry record and profile stay the same: the escaped beginning and the
 * escaped field keys are made once.
 */
export class DeviceLines {
  readonly measurement: string;
  readonly #record: Device['record'] | undefined;
  readonly #profile: Device['profile'];
  readonly #prefix: string;
  readonly #fields: Fields;
  /** By the shape's key. */
  readonly #plans = new Map<string, Plan>();

  /** @param device undefined for one that was deleted meanwhile */
  constructor(id: string, device: Device | undefined, fields: Fields, tags: readonly string[]) {
    this.#record = device?.record;
    this.#profile = device?.profile;
    this.#fields = fields;
    this.measurement = measurementOf(device);
    const written: Record<string, string> = {};
    const own = new Map(Object.entries(device?.record.tags ?? {}));
    for (const tag of tags) written[tag] = own.get(tag) ?? '';
    this.#prefix = prefixText(this.measurement, { ...written, device: id });
  }

  /** Whether they are still true for the device. */
  isFor(device: Device | undefined): boolean {
    return this.#record === device?.record && this.#profile === device?.profile;
  }

  /**
   * How readings with these metrics are written. The values of one of them stand in packed columns from `at` on.
   * @param key tells sets of metrics and types apart
   */
  plan(
    metrics: readonly string[],
    types: readonly ValueType[],
    key: string,
    values: Float64Array,
    at: number,
    strings: readonly string[],
  ): Plan {
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const fields = metrics.map((metric, column) => {
      const value = values[at + column] as number;
      if (types[column] === 'string') return this.#field(metric, strings[value] as string);
      if (types[column] === 'boolean') return this.#field(metric, value === 1);
      const field = this.#field(metric, value);
      // The first value may be one that does not fit; those that do belong here.
      return this.#fields.ofMetric(this.measurement, metric).find(({ type }) => type === 'integer') ?? field;
    });
    const heads = fields.map(({ name }, n) => `${n === 0 ? `${this.#prefix} ` : ','}${keyText(name)}=`);
    if (this.#plans.size >= MAX_PLANS) this.#plans.clear();
    const plan = { heads, fields };
    this.#plans.set(key, plan);
    return plan;
  }

  /**
   * The line of a reading whose values stand in packed columns from `at` on.
   * @param time the timestamp's digits
   * @returns undefined where a value needs {@link texts}: it is not finite
   */
  packed(
    { heads, fields }: Plan,
    values: Float64Array,
    at: number,
    strings: readonly string[],
    time: string,
  ): string | undefined {
    let text = '';
    for (let column = 0; column < heads.length; column++) {
      const value = values[at + column] as number;
      const { type, metric } = fields[column] as Field;
      if (type === 'float') {
        if (!Number.isFinite(value)) return undefined;
        text += heads[column] as string;
        text += value === 0 ? floatText(value) : value;
      } else if (type === 'boolean') {
        text += heads[column] as string;
        text += value === 1 ? 'true' : 'false';
      } else if (type === 'string') {
        text += heads[column] as string;
        text += stringText(strings[value] as string);
      } else {
        if (!Number.isFinite(value)) return undefined;
        if (fitsInteger(value)) text += `${heads[column]}${integerText(value)}`;
        else text += `${column === 0 ? `${this.#prefix} ` : ','}${this.#text(metric, value).text}`;
      }
    }
    return `${text} ${time}\n`;
  }

  /** The fields of a reading one by one; values that are not finite are left out. */
  texts({ values }: Reading): FieldText[] {
    return Object.entries(values).flatMap(([metric, value]) =>
      typeof value === 'number' && !Number.isFinite(value) ? [] : [this.#text(metric, value)],
    );
  }

  /** The fields of a reading, by name and in order. */
  fieldNames(reading: Reading): string[] {
    return this.texts(reading)
      .map(({ field }) => field.name)
      .sort();
  }

  /** A line of these fields, with its `\n`; undefined without any. */
  line(texts: readonly FieldText[], timeUs: number): string | undefined {
    if (texts.length === 0) return undefined;
    return `${this.#prefix} ${texts.map(({ text }) => text).join(',')} ${timeUs}\n`;
  }

  #text(metric: string, value: Value): FieldText {
    const field = this.#field(metric, value);
    return { metric, field, text: `${keyText(field.name)}=${valueText(value, field.type)}` };
  }

  #field(metric: string, value: Value): Field {
    const asInteger = this.#profile?.metrics.get(metric)?.integer ?? false;
    return this.#fields.of(this.measurement, metric, value, asInteger);
  }
}
