import { integerText, keyText, prefixText, stringText } from '../../sinks/influx/line-protocol.js';

/** A value with its type in InfluxDB; null, and a number that is none, are not written. */
export type ReportValue = { readonly integer: number } | { readonly text: string | null } | number | null;

export const integer = (value: number): ReportValue => ({ integer: value });
export const flag = (value: boolean): ReportValue => ({ integer: value ? 1 : 0 });
export const text = (value: string | null): ReportValue => ({ text: value });

/** Longest text of a field, in characters. */
const LONGEST_TEXT = 256;

/**
 * One line of InfluxDB's line protocol; undefined where no value is left.
 * @param timeUs microseconds since 1970
 */
export function reportLine(
  measurement: string,
  tags: Readonly<Record<string, string>>,
  values: Readonly<Record<string, ReportValue>>,
  timeUs: number,
): string | undefined {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const written = fieldText(value);
    if (written !== undefined) fields.push(`${keyText(name)}=${written}`);
  }
  if (fields.length === 0) return undefined;
  return `${prefixText(measurement, tags)} ${fields.join(',')} ${timeUs}`;
}

function fieldText(value: ReportValue): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if ('integer' in value) return integerText(Math.trunc(value.integer));
  return value.text === null ? undefined : stringText(value.text.slice(0, LONGEST_TEXT));
}
