import Type from 'typebox';
import { hasHost, maskPassword } from './url.js';

/** How a setting is written in a file or in the environment, and what it becomes. */
export type SettingKind = 'text' | 'url' | 'choice' | 'list' | 'toggle' | 'integer' | 'bytes' | 'ms';

export type SettingValue = string | number | boolean | null | readonly string[];

/** What is known of one setting beside its JSON Schema. */
export interface SettingFacts<T> {
  readonly kind: SettingKind;
  readonly default: T;
  /** One sentence for people: what it does, with its unit. */
  readonly description: string;
  /** What may stand there, in words that finish the sentence "allowed is …". */
  readonly allowed: string;
  /** Never printed. */
  readonly secret?: true;
  /** Where a JSON Schema cannot say it: the reason why the value will not do, else undefined. */
  readonly check?: (value: SettingValue) => string | undefined;
}

/** One leaf of the configuration: a TypeBox type with the facts beside it. */
export type Setting<T extends SettingValue = SettingValue> = Type.TUnsafe<T> & SettingFacts<T>;

interface Described {
  description: string;
}

interface Common<T> extends Described {
  default: T;
}

interface TextOptions {
  pattern?: string;
  allowed?: string;
  secret?: true;
  check?: (value: SettingValue) => string | undefined;
}

function setting<T extends SettingValue>(schema: Type.TSchema, facts: SettingFacts<T>): Setting<T> {
  return Object.assign(Type.Unsafe<T>(schema), facts);
}

/** A text that always has a value. */
export function text(options: Common<string> & TextOptions): Setting<string> {
  const pattern = options.pattern ?? '\\S';
  return setting(
    { type: 'string', pattern },
    { kind: 'text', allowed: 'a text that is not empty', ...options },
  );
}

/** A text that may be left out: `null` then. */
export function optionalText(options: Described & TextOptions): Setting<string | null> {
  const pattern = options.pattern ?? '\\S';
  return setting<string | null>(
    { type: ['string', 'null'], pattern },
    { kind: 'text', default: null, allowed: 'a text that is not empty', ...options },
  );
}

/**
 * A URL with a host and one of the schemes, that may be left out: `null` then. Its password is never printed. With
 * `isBase` paths are added to it: a query or a fragment would vanish without a word, and is refused.
 */
export function optionalUrl(
  options: Described & { schemes: readonly string[]; isBase?: true },
): Setting<string | null> {
  const { schemes, isBase = false, ...facts } = options;
  return setting<string | null>(
    { type: ['string', 'null'], pattern: `^(${schemes.join('|')})://\\S+$` },
    {
      kind: 'url',
      default: null,
      allowed: `a URL with one of the schemes ${schemes.join(', ')}`,
      check: (value) => {
        if (typeof value !== 'string') return undefined;
        if (!hasHost(value)) return `${maskPassword(value)} is not a URL`;
        // What stands in a query may be a secret: it is not repeated.
        return isBase && /[?#]/.test(value) ? 'nothing may stand behind a ? or a # here' : undefined;
      },
      ...facts,
    },
  );
}

/** One of a few words. */
export function choice<const T extends string>(choices: readonly T[], options: Common<T>): Setting<T> {
  return setting<T>(
    { enum: choices },
    { kind: 'choice', allowed: `one of ${choices.join(', ')}`, ...options },
  );
}

/** Several texts: a YAML list, or separated by commas. `items` is a pattern for each. */
export function list(
  options: Described & { allowed: string; items: string } & Pick<TextOptions, 'check'>,
): Setting<readonly string[]> {
  const { items, ...facts } = options;
  return setting<readonly string[]>(
    { type: 'array', items: { type: 'string', pattern: items }, maxItems: 100 },
    { kind: 'list', default: [], ...facts },
  );
}

/** `true` or `false`. */
export function toggle(options: Common<boolean>): Setting<boolean> {
  return setting({ type: 'boolean' }, { kind: 'toggle', allowed: 'true or false', ...options });
}

/** An integer from `minimum` to `maximum`, both included. */
export function integer(options: Common<number> & { minimum: number; maximum: number }): Setting<number> {
  const { minimum, maximum, ...facts } = options;
  return setting(
    { type: 'integer', minimum, maximum },
    { kind: 'integer', allowed: `an integer from ${minimum} to ${maximum}`, ...facts },
  );
}

/** As {@link integer}, but may be left out: `null` then. */
export function optionalInteger(
  options: Described & { minimum: number; maximum: number },
): Setting<number | null> {
  const { minimum, maximum, ...facts } = options;
  return setting<number | null>(
    { type: ['integer', 'null'], minimum, maximum },
    { kind: 'integer', default: null, allowed: `an integer from ${minimum} to ${maximum}`, ...facts },
  );
}

/** A number of bytes; written as an integer or as `64MiB`, `10GB`. */
export function bytes(options: Common<number> & { minimum: number; maximum: number }): Setting<number> {
  const { minimum, maximum, ...facts } = options;
  const allowed = `a size from ${formatBytes(minimum)} to ${formatBytes(maximum)}, such as 64MiB or 10GB`;
  return setting({ type: 'integer', minimum, maximum }, { kind: 'bytes', allowed, ...facts });
}

/** A duration in milliseconds; written as an integer or as `20s`, `5m`. */
export function ms(options: Common<number> & { minimum: number; maximum: number }): Setting<number> {
  const { minimum, maximum, ...facts } = options;
  const allowed = `a duration from ${minimum} to ${maximum} ms, as an integer or such as 20s or 250ms`;
  return setting({ type: 'integer', minimum, maximum }, { kind: 'ms', allowed, ...facts });
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** The shortest exact way to write a size: `64MiB`, `1000B`. */
export function formatBytes(sizeBytes: number): string {
  let size = sizeBytes;
  let unit = 0;
  while (size > 0 && size % 1024 === 0 && unit < BINARY.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size}${BINARY[unit]}`;
}
