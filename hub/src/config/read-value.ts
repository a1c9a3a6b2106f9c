import { inspect } from 'node:util';
import Value from 'typebox/value';
import type { Setting, SettingKind, SettingValue } from './setting.js';
import { maskPassword } from './url.js';

/** A value that was read, or the reason why it will not do. */
export type ReadValue = { readonly value: SettingValue } | { readonly reason: string };

const SIZE_FACTORS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ...['K', 'M', 'G', 'T'].flatMap((letter, i): [string, number][] => [
    [`${letter}B`, 1000 ** (i + 1)],
    [`${letter}IB`, 1024 ** (i + 1)],
  ]),
]);

const DURATION_FACTORS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/**
 * Reads a setting from what the environment or a YAML file holds: always a text from the one, a text, number,
 * boolean or list from the other. Ranges and patterns are those of the setting's schema.
 */
export function readValue(setting: Setting, raw: unknown): ReadValue {
  const value = convert(setting.kind, raw);
  if (value === undefined || !Value.Check(setting, value)) {
    const subject = setting.secret ? 'the value' : shown(setting.kind, raw);
    // In YAML, 0123 and yes are easily meant as texts.
    const isBare = setting.kind === 'text' && (typeof raw === 'number' || typeof raw === 'boolean');
    return { reason: isBare ? `${subject} is not a text: put it in quotes` : `${subject} will not do` };
  }
  const reason = setting.check?.(value);
  return reason === undefined ? { value } : { reason };
}

/** A size such as `64MiB` or `10GB` as a number of bytes; undefined for what is none. */
export function sizeInBytes(raw: unknown): number | undefined {
  return scaled(raw, /^([0-9]{1,16}(?:\.[0-9]{1,6})?) ?((?:[KMGT]I?)?B|)$/i, SIZE_FACTORS, upperCase);
}

/** Short enough for a line on a terminal. */
function shown(kind: SettingKind, raw: unknown): string {
  const harmless = kind === 'url' && typeof raw === 'string' ? maskPassword(raw) : raw;
  const written =
    typeof harmless === 'string'
      ? JSON.stringify(harmless)
      : inspect(harmless, { breakLength: Infinity, depth: 2 });
  return written.length <= 80 ? written : `${written.slice(0, 79)}…`;
}

function convert(kind: SettingKind, raw: unknown): SettingValue | undefined {
  switch (kind) {
    case 'text':
    case 'url':
    case 'choice':
      return typeof raw === 'string' ? raw : undefined;
    case 'toggle':
      return toggleOf(raw);
    case 'list':
      return listOf(raw);
    case 'integer':
      return scaled(raw, /^(-?[0-9]{1,16})()$/, new Map([['', 1]]));
    case 'bytes':
      return sizeInBytes(raw);
    case 'ms':
      return scaled(raw, /^([0-9]{1,16}(?:\.[0-9]{1,6})?) ?(ms|s|m|h|d|)$/, DURATION_FACTORS);
  }
}

function toggleOf(raw: unknown): boolean | undefined {
  if (typeof raw === 'boolean') return raw;
  if (raw === 'true') return true;
  return raw === 'false' ? false : undefined;
}

function listOf(raw: unknown): readonly string[] | undefined {
  if (typeof raw === 'string') {
    return raw
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  return Array.isArray(raw) && raw.every((item) => typeof item === 'string') ? raw : undefined;
}

function upperCase(unit: string): string {
  return unit.toUpperCase();
}

function scaled(
  raw: unknown,
  pattern: RegExp,
  factors: ReadonlyMap<string, number>,
  canonical: (unit: string) => string = (unit) => unit,
): number | undefined {
  if (typeof raw === 'number') return raw;
  if (typeof raw !== 'string') return undefined;
  const [, count, unit] = pattern.exec(raw.trim()) ?? [];
  const factor = unit === undefined ? undefined : factors.get(canonical(unit));
  if (count === undefined || factor === undefined) return undefined;
  // Rounded, because 1.1 MB is 1100000.0000000002 bytes in floating point.
  return Math.round(Number(count) * factor * 1e6) / 1e6;
}
