import type { Value } from '@fieldline/journal';
import type { FieldType } from './fields.js';

/**
 * InfluxDB's line protocol, as its manual has it ("Line protocol reference", 1.8) and as influxd 1.6 was seen to read
 * it: a backslash escapes only what has to be escaped, and is itself doubled in strings alone.
 */

/** A line ends here, whatever stands before it. A carriage return would be taken, and lost at the end of a line. */
const BREAKS = /[\n\r]/;
const AT_END = /\\$/;

/** A measurement's name in a line. @throws RangeError when no escape would save it */
export function measurementText(name: string): string {
  if (name === '' || name.startsWith('#') || BREAKS.test(name) || AT_END.test(name)) {
    throw new RangeError(`${JSON.stringify(name)} cannot be a measurement`);
  }
  return name.replace(/[, ]/g, '\\$&');
}

/** The key of a tag or a field in a line. @throws RangeError when no escape would save it */
export function keyText(name: string): string {
  if (!isKey(name)) throw new RangeError(`${JSON.stringify(name)} cannot be a tag or a field`);
  return name.replace(/[,= ]/g, '\\$&');
}

/** A tag's value in a line; undefined for one that cannot be written (protocol §6), or is empty. */
export function tagText(value: string): string | undefined {
  if (value === '' || BREAKS.test(value) || AT_END.test(value)) return undefined;
  return value.replace(/[,= ]/g, '\\$&');
}

/**
 * The beginning of a line: measurement and tags, sorted as InfluxDB likes them. A tag without a value that can be
 * written is left out, and so is one with a key that cannot.
 * @throws RangeError for a measurement that cannot be written
 */
export function prefixText(measurement: string, tags: Readonly<Record<string, string>>): string {
  let text = measurementText(measurement);
  for (const key of Object.keys(tags).sort()) {
    const value = tagText(tags[key] as string);
    if (value !== undefined && isKey(key)) text += `,${keyText(key)}=${value}`;
  }
  return text;
}

/** Whether a value can be stored in an integer field without a loss: whole, and within 64 bits. */
export function fitsInteger(value: Value): boolean {
  return Number.isInteger(value) && (value as number) >= -(2 ** 63) && (value as number) < 2 ** 63;
}

/**
 * A value as its field wants it.
 * @param value finite, and of the type that the field holds ({@link fitsInteger})
 */
export function valueText(value: Value, type: FieldType): string {
  if (type === 'integer') return integerText(value as number);
  return typeof value === 'string'
    ? stringText(value)
    : typeof value === 'number'
      ? floatText(value)
      : `${value}`;
}

/** Shortest digits that read back as the same number; −0 keeps its sign. */
export function floatText(value: number): string {
  return value === 0 && Object.is(value, -0) ? '-0' : `${value}`;
}

/** Beyond 2^53 JavaScript writes rounded digits, beyond 10^21 an exponent: neither is the integer it stands for. */
export function integerText(value: number): string {
  return Number.isSafeInteger(value) ? `${value}i` : `${BigInt(value)}i`;
}

/** Line breaks may stand inside the quotes. */
export function stringText(value: string): string {
  return NEEDS_ESCAPE.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;
}
const NEEDS_ESCAPE = /["\\]/;

/** Whether a name can be the key of a tag or a field. */
function isKey(name: string): boolean {
  return name !== '' && name !== 'time' && !BREAKS.test(name) && !AT_END.test(name);
}
