/** Dates are dear to format: one formatter each, made on first use. All are in the viewer's zone. */
const clockFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const minuteFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const weekdayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const stampFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

/** 14:03:20 */
export const clock = (t: number): string => clockFormat.format(t);
/** 14:03:20.114 */
export const millis = (t: number): string => `${clock(t)}.${String(Math.floor(t) % 1000).padStart(3, '0')}`;
/** 14:03 */
export const clockMinute = (t: number): string => minuteFormat.format(t);
/** 20 Nov */
export const day = (t: number): string => dayFormat.format(t);
/** Fri 20 Nov */
export const weekday = (t: number): string => weekdayFormat.format(t);
/** 20 Nov, 14:03:20 CET: what a hover over an age says. */
export const stamp = (t: number): string => stampFormat.format(t);
/** The clock alone for today, with the day before it for any other. */
export const when = (t: number, now: number): string =>
  day(t) === day(now) ? clock(t) : `${day(t)}, ${clock(t)}`;
/** Europe/Berlin */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ');
