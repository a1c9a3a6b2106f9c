import { duration } from '../format/age.js';
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
  scale: (parts: readonly (readonly [DeviceState, number])[], all: number) =>
    parts
      .map(([state, n]) => `${num((n / all) * 100, 1)}${NBSP}% ${stateWords[state].toLowerCase()}`)
      .join(', '),
  search: 'Search the fleet',
  searchHint: 'Name, id or tag',
  any: 'any',
  profile: 'Profile',
  clear: (facet: string) => `Clear the filter ${facet}`,
  sort: 'Sort',
  sorts: { attention: 'Needs attention first', name: 'Name', silent: 'Longest silent first' },
  devices: 'Devices',
  columns: {
    state: 'State',
    device: 'Device',
    profile: 'Profile',
    tags: 'Tags',
    reading: 'Reading',
    spark: 'Last 30 min',
    firmware: 'Firmware',
    fresh: 'Freshness',
  },
  freshHint: 'Full: just arrived. Notch: one expected interval. Empty: three intervals, stale.',
  needsAttention: 'Needs attention',
  asExpected: 'As expected',
  inView: (n: number, from: number, to: number) =>
    `${counted(n, 'device', 'devices')}, rows ${num(from, 0)} to ${num(to, 0)} in view`,
  agesRun: 'Ages run by themselves; values change at most every 250 ms',
  hints: { move: 'move', open: 'open', search: 'search' },
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
