import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** For how long a command may wait at most (protocol §3 "Commands"). */
const LONGEST_TTL_DAYS = 7;

/** What a duration such as `90s`, `30m`, `12h` or `30d` is in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit];
  return unitMs === undefined || Number(count) === 0 ? undefined : Number(count) * unitMs;
}

/** Reads a duration on a command line as milliseconds. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('A duration is a number and s, m, h or d: 90s, 30m, 12h, 30d.');
}

/** Reads for how long a command may wait to be sent, as milliseconds. */
export function ttlMs(text: string): number {
  const ms = durationMs(text);
  if (ms <= LONGEST_TTL_DAYS * 86_400_000) return ms;
  throw new InvalidArgumentError(`A command may wait for at most ${LONGEST_TTL_DAYS} days.`);
}
