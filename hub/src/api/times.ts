const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+ -]\d{2}:?\d{2}))?$/;

/** The furthest moment that a date can hold: 100 million days after 1970 (ECMA-262 §21.4.1.1). */
const MAX_TIME_MS = 8.64e15;

/**
 * Reads a moment: integer milliseconds since 1970, or ISO 8601. A date alone is its midnight in UTC; with a time
 * of day, the offset must be there, because "local" means nothing between two machines. Fractions finer than
 * a millisecond are cut off. A space stands for the `+` that it was before the URL was decoded.
 * @returns ms since 1970, or undefined for anything else, such as the 30th of February
 */
export function parseTime(text: string): number | undefined {
  if (/^\d{1,16}$/.test(text)) {
    const ms = Number(text);
    return ms <= MAX_TIME_MS ? ms : undefined;
  }
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    zone = 'Z',
  ] = match;
  const wall = Date.UTC(
    +year,
    +month - 1,
    +day,
    +hour,
    +minute,
    +second,
    +fraction.padEnd(3, '0').slice(0, 3),
  );
  const date = new Date(wall);
  // Date.UTC carries over what is too large: the parts must come back as they were given. (It also takes years
  // below 100 for 19xx, which this refuses with them.)
  const same =
    date.getUTCFullYear() === +year &&
    date.getUTCMonth() === +month - 1 &&
    date.getUTCDate() === +day &&
    date.getUTCHours() === +hour &&
    date.getUTCMinutes() === +minute &&
    date.getUTCSeconds() === +second;
  const offset = offsetMs(zone);
  if (!same || offset === undefined || wall - offset < 0) return undefined;
  return wall - offset;
}

function offsetMs(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** `2026-01-01T00:00:00.123456Z` from microseconds since 1970. */
export function isoMicroseconds(timeUs: number): string {
  const ms = Math.floor(timeUs / 1_000);
  const rest = String(timeUs - ms * 1_000).padStart(3, '0');
  return new Date(ms).toISOString().replace('Z', `${rest}Z`);
}
