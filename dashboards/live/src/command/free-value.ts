import { LIMITS, utf8Length, type Value } from '@fieldline/protocol/browser';
import { params as words } from '../strings/params.js';
import type { Read } from './field.js';

const LITERAL = /^(true|false|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|".*")$/s;

/**
 * Reads a value where no profile says what it is, by the rules of `fieldline send`: `true`, `false` and numbers are what
 * they say; a text that looks like one of them goes into double quotes, as in JSON.
 */
export function readFree(text: string): Read {
  if (text === '') return { kind: 'fault', fault: words.needed };
  const value = LITERAL.test(text) ? parsed(text) : text;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { kind: 'fault', fault: words.numberNeeded };
  }
  if (typeof value === 'string' && (value.includes('\0') || utf8Length(value) > LIMITS.stringBytes)) {
    return { kind: 'fault', fault: words.tooLong(LIMITS.stringBytes) };
  }
  return { kind: 'value', value };
}

function parsed(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

/** The text that {@link readFree} reads as this value. */
export function freeText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? '';
  return LITERAL.test(value) || value === '' ? JSON.stringify(value) : value;
}

/** "on=true mode=idle": parameters as a command line takes them. */
export function paramText(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${freeText(value)}`)
    .join(' ');
}
