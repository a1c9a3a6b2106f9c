import { LIMITS, type ParamDocument, utf8Length, type Value } from '@fieldline/protocol/browser';
import { titleOf } from '../format/metric.js';
import { num } from '../format/number.js';
import { unitSymbol } from '../format/unit.js';
import { params as words } from '../strings/params.js';

/** A parameter of a command, or a key of a configuration, as a form asks for it. */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly kind: 'number' | 'integer' | 'boolean' | 'string';
  readonly unit: string;
  readonly required: boolean;
  readonly min: number | null;
  readonly max: number | null;
  /** The only values allowed; null for any of the kind. */
  readonly choices: readonly Value[] | null;
  readonly fallback: Value | null;
}

/** What a text in a form stands for: a value, nothing (left out), or a fault in words. */
export type Read =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'none' }
  | { readonly kind: 'fault'; readonly fault: string };

/** The fields that a profile describes, in its order. */
export function fieldsOf(described: Readonly<Record<string, ParamDocument>> | undefined): Field[] {
  return Object.entries(described ?? {}).map(([name, param]) => ({
    name,
    title: param.title ?? titleOf(name),
    description: param.description ?? null,
    kind: param.type,
    unit: unitSymbol(param.unit ?? null),
    required: param.required ?? false,
    min: param.min ?? null,
    max: param.max ?? null,
    choices: param.enum ?? (param.type === 'boolean' ? [false, true] : null),
    fallback: param.default ?? null,
  }));
}

/** A value as a form holds it; '' for none. {@link readField} reads it back. */
export function textOf(field: Field, value: Value | null | undefined): string {
  if (value === null || value === undefined) return '';
  // Among choices 1 and "1" may both stand.
  return field.choices !== null ? JSON.stringify(value) : String(value);
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reads what stands in a form. An empty one is left out, and the hub fills the profile's default in. */
export function readField(field: Field, text: string): Read {
  if (text === '') return missing(field);
  if (field.choices !== null) {
    const value = field.choices.find((choice) => JSON.stringify(choice) === text);
    return value === undefined ? fault(words.choose) : { kind: 'value', value };
  }
  if (field.kind === 'string') return readText(text);
  return readNumber(field, text);
}

function readNumber(field: Field, text: string): Read {
  // The page itself writes a true minus: what it shows can be pasted back.
  const plain = text
    .trim()
    .replaceAll('\u2212', '-')
    .replaceAll(/[\u00a0 ]/g, '');
  if (plain === '') return missing(field);
  const value = NUMBER.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isFinite(value)) return fault(words.numberNeeded);
  if (field.kind === 'integer' && !Number.isInteger(value)) return fault(words.wholeNeeded);
  if (field.min !== null && value < field.min) return fault(words.atLeast(figureOf(field, field.min)));
  if (field.max !== null && value > field.max) return fault(words.atMost(figureOf(field, field.max)));
  return { kind: 'value', value };
}

function readText(text: string): Read {
  if (text.includes('\0') || utf8Length(text) > LIMITS.stringBytes) {
    return fault(words.tooLong(LIMITS.stringBytes));
  }
  return { kind: 'value', value: text };
}

function missing({ required, fallback }: Field): Read {
  return required && fallback === null ? fault(words.needed) : { kind: 'none' };
}

const fault = (text: string): Read => ({ kind: 'fault', fault: text });

/** All fields of a form at once. */
export interface ReadForm {
  /** What is sent; left-out fields are absent. */
  readonly values: Readonly<Record<string, Value>>;
  /** Faults by field; empty when all is well. */
  readonly faults: Readonly<Record<string, string>>;
}

export function readForm(fields: readonly Field[], texts: Readonly<Record<string, string>>): ReadForm {
  const values: [string, Value][] = [];
  const faults: [string, string][] = [];
  for (const field of fields) {
    const read = readField(field, texts[field.name] ?? '');
    if (read.kind === 'value') values.push([field.name, read.value]);
    if (read.kind === 'fault') faults.push([field.name, read.fault]);
  }
  return { values: Object.fromEntries(values), faults: Object.fromEntries(faults) };
}

/** "3.5 °C", "on", "idle": a value of the field in words. */
export function valueWords(field: Field, value: Value | null): string {
  if (value === null) return words.nothing;
  if (typeof value === 'boolean') return value ? words.on : words.off;
  return typeof value === 'number' ? figureOf(field, value) : value;
}

function figureOf({ unit }: Field, value: number): string {
  const text = plainNumber(value);
  return unit ? `${text}\u00a0${unit}` : text;
}

/** A number as it was set, with all its decimals; measured ones are rounded, wished ones are not. */
export function plainNumber(value: number): string {
  const decimals = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0;
  return Number.isInteger(value) || decimals > 0 ? num(value, decimals) : String(value);
}

/** "from −30 to 15 °C", "at least 5 min", '' for no bounds. */
export function boundsOf(field: Field): string {
  const { min, max } = field;
  if (min !== null && max !== null) return words.between(plainNumber(min), figureOf(field, max));
  if (min !== null) return words.atLeast(figureOf(field, min)).replace(/\.$/, '');
  return max === null ? '' : words.atMost(figureOf(field, max)).replace(/\.$/, '');
}
