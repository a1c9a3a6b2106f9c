import { Type } from 'typebox';
import { ValidationError } from './problem.js';
import { parseTime } from './times.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

const Moment = { maxLength: 40, examples: ['2026-01-01T00:00:00Z', '1767225600000'] };

/** The part of a query that names a range of time. */
export const RangeQuery = {
  from: Type.Optional(
    Type.String({
      ...Moment,
      description: 'Inclusive. ms since 1970 or ISO 8601; a day before `to` by default.',
    }),
  ),
  to: Type.Optional(
    Type.String({ ...Moment, description: 'Exclusive. ms since 1970 or ISO 8601; now by default.' }),
  ),
};

/**
 * Reads `from` and `to`: the last 24 hours by default.
 * @returns ms since 1970, `from` inclusive, `to` exclusive
 * @throws ValidationError when either is no time, or the range is empty
 */
export function parseRange(
  query: { from?: string; to?: string },
  nowMs: number,
): { from: number; to: number } {
  const to = moment('to', query.to) ?? nowMs;
  const from = moment('from', query.from) ?? Math.max(0, to - DAY_MS);
  if (from >= to) throw new ValidationError([{ path: 'query.from', message: 'must be before query.to' }]);
  return { from, to };
}

function moment(name: 'from' | 'to', text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text);
  if (time !== undefined) return time;
  const message = 'must be ms since 1970, or ISO 8601 with an offset, such as 2026-01-01T00:00:00Z';
  throw new ValidationError([{ path: `query.${name}`, message }]);
}
