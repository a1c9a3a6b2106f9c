import { ProtocolError } from './errors.js';
import { LIMITS } from './limits.js';
import { isForbiddenKey } from './names.js';
import { cutText } from './text.js';

export interface ParseJsonOptions {
  /** How many objects and arrays may stand inside one another; 16 by default. */
  readonly maxDepth?: number;
}

/** A byte order mark is not white space in JSON (RFC 8259 §8.1): it is kept, and refused by the parser. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON from outside. What it returns nests no deeper than `maxDepth`, holds finite numbers only, and
 * has no key that could reach a prototype, however it was escaped.
 * @throws ProtocolError `malformed`, with the place where the parser can tell it
 */
export function parseJson(input: string | Uint8Array, options: ParseJsonOptions = {}): unknown {
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ProtocolError('malformed', describeParseError(error), { cause: error });
  }
  const fault = faultOf(value, options.maxDepth ?? LIMITS.jsonDepth);
  if (fault !== undefined) throw new ProtocolError('malformed', fault);
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new ProtocolError('malformed', 'not valid UTF-8', { cause: error });
  }
}

/** The parser's own message, which quotes a piece of the text, at a length that may be sent back. */
export function describeParseError(error: unknown): string {
  return cutText(error instanceof Error ? error.message : 'not valid JSON', 200);
}

/**
 * What makes a parsed value unfit, in words, or undefined when it is fit. `JSON.parse` itself copes with any
 * depth; code after it, `JSON.stringify` to begin with, does not.
 */
export function faultOf(value: unknown, maxDepth: number): string | undefined {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return undefined;
    return Number.isNaN(value) ? 'NaN is no number' : 'a number is too large for a 64-bit float';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (maxDepth <= 0) return 'nested too deeply';
  if (Array.isArray(value)) {
    for (const item of value) {
      const fault = faultOf(item, maxDepth - 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  for (const [key, item] of Object.entries(value)) {
    if (isForbiddenKey(key)) return `the key ${key} is not allowed`;
    const fault = faultOf(item, maxDepth - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Whether objects and arrays nest deeper than `maxDepth`. Looks at nothing else, at a few ns per value. */
export function isDeeperThan(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (maxDepth <= 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && isDeeperThan(item, maxDepth - 1)) return true;
    }
    return false;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    const item = object[key];
    if (typeof item === 'object' && isDeeperThan(item, maxDepth - 1)) return true;
  }
  return false;
}
