import { parseTime } from '../api/times.js';
import { CliError } from './cli-error.js';
import { parseDuration } from './duration.js';
import { EXIT } from './exit-codes.js';

/**
 * Reads a moment on a command line: ISO 8601 (a date alone is its midnight in UTC), ms since 1970, or how long ago it
 * was: `24h`.
 * @returns ms since 1970
 * @throws CliError (usage)
 */
export function momentOf(text: string, nowMs: number): number {
  const ago = parseDuration(text);
  const moment = ago === undefined ? parseTime(text) : Math.max(0, nowMs - ago);
  if (moment !== undefined) return moment;
  throw new CliError(`${text} is no moment.`, {
    exitCode: EXIT.usage,
    hint: 'Say it like 2026-01-31, 2026-01-31T12:00:00Z, or how long ago it was: 90s, 30m, 24h, 7d.',
  });
}
