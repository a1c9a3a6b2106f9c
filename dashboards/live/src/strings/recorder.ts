import { age, duration } from '../format/age.js';
import { counted, NBSP } from '../format/number.js';
import { clock } from '../format/time.js';

/** Words of the charts. */
export const recorder = {
  name: 'Recorder',
  range: 'Range',
  key: (n: number) => `Key ${n}`,
  live: 'Live',
  goLive: 'Go live',
  buckets: (ms: number) => `${duration(ms)} buckets`,
  now: 'now',
  lanes: 'Lanes of the recorder',
  crosshair: 'Crosshair over all lanes',
  crosshairOff:
    'Nothing is pointed at. Arrow keys move it, with shift they move the range; plus and minus zoom.',
  pointed: (time: string, values: readonly string[]) => [time, ...values].join('. '),
  pointedValue: (title: string, value: string) => `${title} ${value}`,
  earlier: 'Earlier',
  later: 'Later',
  custom: 'Custom',
  customHead: 'Show a range',
  from: 'From',
  to: 'To',
  show: 'Show the range',
  cancel: 'Cancel',
  rangeMissing: 'A range needs both ends.',
  rangeBackwards: 'The end lies before the start.',
  rangeLong: 'A range has at most 30 days.',
  rangeFuture: 'The start lies ahead of now.',
  asking: 'Asking the history',
  copy: 'Copy',
  copyHint: 'Copy what is on screen as a table',
  allCopied: 'What is on screen is on the clipboard, as a table.',
  copyFailed: 'The browser did not let the table onto the clipboard. Save it as CSV instead.',
  span: (from: string, to: string) => `${from} to ${to}`,
  connection: 'Connection',
  stands: { online: 'online', offline: 'offline', asleep: 'asleep' },
  marks: { rebooted: 'rebooted', late: 'readings arrived late' },
  connectionSays: (now: string, away: readonly number[]) =>
    `Connection: ${now}${away.length > 0 ? `. ${counted(away.length, 'time', 'times')} offline: ${away.map(age).join(', ')}` : ''}`,
  laneSays: (
    title: string,
    seen: readonly [string, string] | undefined,
    unit: string,
    gaps: readonly string[],
  ) => {
    const range = seen
      ? `${seen[0]} to ${seen[1]}${unit && `${NBSP}${unit}`} in view`
      : 'no readings in view';
    const missing = gaps.length > 0 ? `. ${counted(gaps.length, 'gap', 'gaps')}: ${gaps.join('; ')}` : '';
    return `${title}: ${range}${missing}`;
  },
  lane: (title: string) => `${title} over the range`,
  inView: (low: string, high: string) => `${low} to ${high} in view`,
  hit: (low: string, high: string, n: number) => `${low} to ${high}, ${counted(n, 'reading', 'readings')}`,
  gap: (ms: number) => `no readings, ${age(ms)}`,
  limit: (kind: string, side: string, at: string, hold: string) =>
    `${kind} ${side} ${at}${hold && ` for ${hold}`}`,
  enlarge: (title: string) => `Enlarge ${title}`,
  copyTable: (title: string) => `Copy ${title} as a table`,
  tableCopied: (title: string) => `${title}: what is on screen is on the clipboard, as a table.`,
  table: {
    time: 'time',
    mean: 'mean',
    lowest: 'lowest',
    highest: 'highest',
    readings: 'readings',
    notKnown: 'not known',
  },
  grafana: 'Open in Grafana',
  grafanaHint: 'The same device and part of time in Grafana, in a tab of its own',
  csv: 'CSV',
  csvHint: 'Save the readings of this range as CSV',
  failedHead: (code: string) =>
    code === 'timeout' ? `The history did not answer within 10${NBSP}s.` : 'The history did not answer.',
  failedBody: (since: number) =>
    `Live values go on. The chart is drawn from what this page has seen since ${clock(since)}.`,
  askAgain: 'Ask again',
  legend: {
    mean: 'mean',
    band: 'lowest to highest',
    limit: 'limit from the profile',
    gap: 'not known',
    late: 'arrived late, in its own time',
  },
} as const;
