import type { Outage } from '../fleet/outage.js';
import { age, duration } from '../format/age.js';
import { counted, NBSP, num } from '../format/number.js';
import type { DeviceState } from '../live/state.js';
import { stateWords } from './words.js';

/** Words of the fleet. */
export const fleet = {
  title: 'Fleet',
  sum: (shown: number, all: number) =>
    shown === all
      ? counted(all, 'device', 'devices')
      : `${num(shown, 0)} of ${counted(all, 'device', 'devices')}`,
  view: 'View',
  table: 'Table',
  tiles: 'Tiles',
  stateOfFleet: 'State of the fleet',
  filterByState: 'Filter by state',
  all: 'All',
  scale: (parts: readonly (readonly [DeviceState | 'alarm', number])[], all: number) =>
    parts
      .map(
        ([state, n]) =>
          `${num((n / all) * 100, 1)}${NBSP}% ${state === 'alarm' ? 'in alarm' : stateWords[state].toLowerCase()}`,
      )
      .join(', '),
  search: 'Search the fleet',
  searchHint: 'Name, id or tag',
  any: 'any',
  profile: 'Profile',
  filter: 'Filter',
  choose: 'Select',
  chosen: 'Done',
  clear: (facet: string) => `Clear the filter ${facet}`,
  sort: 'Sort',
  sorts: {
    attention: 'Needs attention first',
    name: 'Name',
    silent: 'Longest silent first',
    value: 'Reading, highest first',
  },
  devices: 'Devices',
  columns: {
    state: 'State',
    device: 'Device',
    profile: 'Profile',
    tags: 'Tags',
    reading: 'Reading',
    spark: 'Last 30 min',
    signal: 'Signal',
    firmware: 'Firmware',
    fresh: 'Freshness',
  },
  freshHint: 'Full: just arrived. Notch: one expected interval. Empty: three intervals, stale.',
  needsAttention: 'Needs attention',
  asExpected: 'As expected',
  inView: (n: number, from: number, to: number) =>
    `${counted(n, 'device', 'devices')}, rows ${num(from, 0)} to ${num(to, 0)} in view`,
  agesRun: 'Ages run by themselves; values change at most every 100 ms',
  hints: { move: 'move', open: 'open', select: 'select' },
  inAlarm: 'In alarm',
  asTable: 'Show as a table',
  asTiles: 'Show as tiles',
  linkCopied: 'The link to this view is on the clipboard.',
  linkNotCopied: 'The browser did not let the link be copied. It is in the address bar.',
  copyLink: 'Copy link to this view',
  connect: 'Connect a device',
  rateTitle: 'Readings, last 5 min',
  rate: (perSecond: number) =>
    perSecond < 10_000 ? num(perSecond, perSecond < 10 ? 1 : 0) : `${num(perSecond / 1000, 1)}k`,
  rateSays: (perSecond: string) => `${perSecond} readings a second at the hub`,
  signalSays: (dbm: string) => `Signal ${dbm}${NBSP}dBm`,
  selectDevice: (name: string) => `Select ${name}`,
  selectShown: 'Select all shown',
  selection: 'Selection',
  selected: (n: number, hidden: number) =>
    `${num(n, 0)} selected${hidden === 0 ? '' : `, ${num(hidden, 0)} not shown`}`,
  selectNothing: 'Select nothing',
  send: 'Send a command',
  needsOperator: 'Needs operator',
  exportList: 'Export',
  together: ({ count, from, spreadMs, tag }: Outage, now: number) =>
    `${num(count, 0)}${tag === null ? '' : ` with ${tag[0]} ${tag[1]}`} went offline ${spreadMs < 1000 ? 'in the same second' : `within ${age(spreadMs)}`}, ${age(Math.max(1000, now - from))} ago. One shared cause?`,
  togetherShort: ({ count }: Outage) => `${num(count, 0)} went offline together`,
  showThem: 'Show them',
  notUsedYet: 'token not used yet',
  lastReading: (stamp: string, interval: number | null) =>
    `Last reading ${stamp}; ${interval === null ? 'its interval is not known yet' : `expected every ${duration(interval)}`}`,
  loading: 'The list of devices is on its way',
  emptyHead: 'No device yet',
  emptyBody: (address: string) =>
    `The hub listens at ${address}. The first reading of a known device appears here by itself. Make one known:`,
  emptyCommand: 'npx fieldline device add my-device',
  noMatchHead: 'No device matches',
  noMatchBody: (all: number, q: string, filtered: boolean) => {
    const asked = [q && `“${q}”`, filtered && 'these filters'].filter(Boolean).join(' and ');
    return `${counted(all, 'device is', 'devices are')} registered; none fits ${asked}.`;
  },
  clearFilters: 'Clear filters',
  failedHead: 'The list of devices did not arrive.',
  failedBody: (reason: string) => `The hub said: ${reason}. Live values go on for the devices already here.`,
  askAgain: 'Ask again',
} as const;
