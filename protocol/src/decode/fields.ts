import { isText } from '../names.js';
import { utf8Length } from '../text.js';
import type { JsonObject } from './frame.js';

/** A field of a message is not what it should be. Never leaves the decoder. */
export class FieldFault extends Error {
  override readonly name = 'FieldFault';
}

/** How a wrong value is called in a message to its maker. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return 'a text';
  return String(value);
}

function fault(name: string, expected: string, value: unknown): never {
  throw new FieldFault(`${name}: ${expected} expected, got ${kindOf(value)}`);
}

/**
 * Reads the field `name` of a message. An optional field that is absent or `null` gives undefined.
 * @throws FieldFault when it is there and wrong
 */
export type FieldReader<T> = (message: JsonObject, name: string) => T;

/** A field that may be absent or `null`: both give undefined. */
function optional<T>(check: (value: unknown, name: string) => T): FieldReader<T | undefined> {
  return (message, name) => {
    const value = message[name];
    return value === undefined || value === null ? undefined : check(value, name);
  };
}

function checkUint(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) fault(name, 'a whole number from 0', value);
  return value as number;
}

function checkMs(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    fault(name, 'milliseconds from 0', value);
  }
  return value;
}

function checkText(value: unknown, name: string): string {
  if (typeof value !== 'string') fault(name, 'a text', value);
  if (!isText(value)) throw new FieldFault(`${name}: at most 128 bytes of text without NUL`);
  return value;
}

function checkTextList(value: unknown, name: string): string[] {
  if (!Array.isArray(value)) fault(name, 'a list of texts', value);
  for (const item of value) if (typeof item !== 'string') fault(name, 'a list of texts', item);
  return value as string[];
}

function checkObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fault(name, 'an object', value);
  return value as Record<string, unknown>;
}

export const optionalUint = optional(checkUint);
export const optionalMs = optional(checkMs);
export const optionalText = optional(checkText);
export const optionalTextList = optional(checkTextList);
export const optionalObject = optional(checkObject);

export const uint: FieldReader<number> = (message, name) => checkUint(message[name], name);
export const ms: FieldReader<number> = (message, name) => checkMs(message[name], name);

export const boolean: FieldReader<boolean> = (message, name) => {
  const value = message[name];
  if (typeof value !== 'boolean') fault(name, 'true or false', value);
  return value;
};

/** A text as long as the frame allows. */
export const longText: FieldReader<string> = (message, name) => {
  const value = message[name];
  if (typeof value !== 'string') fault(name, 'a text', value);
  return value;
};

export const optionalLongText: FieldReader<string | undefined> = (message, name) =>
  message[name] === undefined || message[name] === null ? undefined : longText(message, name);

/** A text that `test` accepts; `rule` says which those are. */
export function named<T extends string>(
  message: JsonObject,
  name: string,
  test: (value: unknown) => value is T,
  rule: string,
): T {
  const value = message[name];
  if (!test(value)) {
    if (typeof value !== 'string') fault(name, rule, value);
    throw new FieldFault(`${name}: ${rule} expected`);
  }
  return value;
}

/** One of a few words. */
export function oneOf<T extends string>(message: JsonObject, name: string, words: readonly T[]): T {
  const value = message[name];
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new FieldFault(`${name}: one of ${words.join(', ')} expected`);
  return word;
}

/** A secret text of at most `maxBytes`; its fault never quotes it. */
export function optionalSecret(message: JsonObject, name: string, maxBytes: number): string | undefined {
  const value = message[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') fault(name, 'a text', value);
  if (utf8Length(value) > maxBytes) throw new FieldFault(`${name}: longer than ${maxBytes} bytes`);
  return value;
}
