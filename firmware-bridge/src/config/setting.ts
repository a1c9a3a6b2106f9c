/** One setting: how it is written in a file or behind a flag, what it becomes, and what people read of it. */
export interface Setting<T = unknown> {
  /** One sentence: what it does, with its unit. */
  readonly description: string;
  /** What may stand there, in words that finish the sentence "allowed is …". */
  readonly allowed: string;
  /** As it would be written; absent where there is none. */
  readonly default?: string;
  /** Never repeated in a message. */
  readonly secret?: true;
  /** The value, or undefined when that will not do. */
  read(raw: unknown): T | undefined;
}

type Facts = Pick<Setting, 'description' | 'allowed'> & Partial<Pick<Setting, 'secret' | 'default'>>;

/** A text that fits the pattern as a whole. */
export function text(pattern: RegExp, facts: Facts): Setting<string> {
  return { ...facts, read: (raw) => (typeof raw === 'string' && pattern.test(raw) ? raw : undefined) };
}

/** One of a few words. */
export function choice<T extends string>(words: readonly T[], facts: Omit<Facts, 'allowed'>): Setting<T> {
  return {
    allowed: `one of ${words.join(', ')}`,
    ...facts,
    read: (raw) => words.find((word) => word === raw),
  };
}

export function toggle(facts: Omit<Facts, 'allowed'>): Setting<boolean> {
  const read = (raw: unknown) => (typeof raw === 'boolean' ? raw : undefined);
  return { allowed: 'true or false', ...facts, read };
}

/** A whole number from `least` to `most`, both included. */
export function integer(least: number, most: number, facts: Omit<Facts, 'allowed'>): Setting<number> {
  const read = (raw: unknown) => within(least, most, integerOf(raw));
  return { allowed: `a whole number from ${least} to ${most}`, ...facts, read };
}

/** A number of bytes: an integer, or such as `64MiB`. */
export function bytes(least: string, most: string, facts: Omit<Facts, 'allowed'>): Setting<number> {
  const [min, max] = [Number(sizeOf(least)), Number(sizeOf(most))];
  const read = (raw: unknown) => within(min, max, sizeOf(raw));
  return { allowed: `a size from ${least} to ${most}, such as 64MiB`, ...facts, read };
}

/** An address to listen on: `9464`, which is on 127.0.0.1 then, or `host:port`. */
export function address(facts: Omit<Facts, 'allowed'>): Setting<{ host: string; port: number }> {
  const read = (raw: unknown) => {
    const [, host = '127.0.0.1', port] =
      /^(?:([^\s:]+|\[[0-9A-Fa-f:]+\]):)?(\d{1,5})$/.exec(String(raw)) ?? [];
    const number = within(0, 65_535, integerOf(port));
    return number === undefined ? undefined : { host: host.replace(/^\[|\]$/g, ''), port: number };
  };
  return {
    allowed: 'a port, which is on 127.0.0.1 then, or host:port; port 0 takes a free one',
    ...facts,
    read,
  };
}

function within(least: number, most: number, value: number | undefined): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function integerOf(raw: unknown): number | undefined {
  const value = typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw;
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function sizeOf(raw: unknown): number | undefined {
  const [, count, unit] = typeof raw === 'string' ? (/^(\d{1,15}) ?([KMGT]iB|B)$/.exec(raw) ?? []) : [];
  if (count === undefined || unit === undefined) return integerOf(raw);
  return Number(count) * 1024 ** UNITS.indexOf(unit);
}
