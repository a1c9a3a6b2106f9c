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
  lanes: 'Lanes of the recorder. Arrow keys move the crosshair.',
  lane: (title: string) => `${title} over the range`,
  inView: (low: string, high: string) => `${low} to ${high} in view`,
  hit: (low: string, high: string, n: number) => `${low} to ${high}, ${counted(n, 'reading', 'readings')}`,
  gap: (ms: number) => `no readings, ${age(ms)}`,
  limit: (kind: string, side: string, at: string, hold: string) =>
    `${kind} ${side} ${at}${hold && ` for ${hold}`}`,
  copyTable: (title: string) => `Copy ${title} as a table`,
  tableCopied: (title: string) => `${title}: what is on screen is on the clipboard, as a table.`,
  tableHead: 'time\tmean\tlowest\thighest\treadings',
  csv: 'CSV',
  csvHint: 'Save the readings of this range as CSV',
  failedHead: (code: string) =>
    code === 'timeout' ? `The history did not answer within 10${NBSP}s.` : 'The history did not answer.',
  failedBody: (since: number) =>
    `Live values go on. The chart is drawn from what this page has seen since ${clock(since)}.`,
  askAgain: 'Ask again',
  legend: { mean: 'mean', band: 'lowest to highest', limit: 'limit from the profile', gap: 'not known' },
} as const;
