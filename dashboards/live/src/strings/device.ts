import { age } from '../format/age.js';
import { clock } from '../format/time.js';

/** Words of the device page. */
export const device = {
  here: 'You are here',
  unknownHead: 'No such device',
  unknownBody: (id: string) => `No device is called “${id}”. It may have been deleted.`,
  toFleet: 'To the fleet',
  failedHead: 'The hub did not say how this device is. This page asks again by itself.',
  copyId: (id: string) => `Copy the id ${id}`,
  disabled: 'Disabled',
  latest: 'Latest readings',
  tabsName: 'Device',
  tabs: {
    charts: 'Charts',
    commands: 'Commands',
    config: 'Config',
    log: 'Log',
    quarantine: 'Quarantine',
  },
  since: (ms: number) => `for ${age(Math.max(1000, ms))}`,
  staleFor: (ms: number) => `stale, ${age(ms)} old`,
  lastKnown: (ms: number) => `last known, ${age(Math.max(1000, ms))} ago`,
  above: (limit: string) => `above ${limit}`,
  below: (limit: string) => `below ${limit}`,
  trend: { rising: 'rising', falling: 'falling', steady: 'steady' },
  noMetricHead: 'No reading yet',
  noMetricBody:
    'A lane appears here with the first reading. The device needs its id and its token, and one line of JSON:',
  noMetricCode: '{"temperature": 21.5}',
} as const;

/** What is known of a device, fact by fact. */
export const facts = {
  name: 'Facts',
  connected: 'Connected',
  connectedSince: (at: number, ms: number) => `since ${clock(at)}, ${age(ms)}`,
  yes: 'yes',
  no: 'no',
  asleepUntil: (wakesBy: number | null) => `asleep${wakesBy === null ? '' : `, back by ${clock(wakesBy)}`}`,
  flapping: 'again and again',
  reboots: 'Restarts',
  profile: 'Profile',
  firmware: 'Firmware',
  boot: 'Boot',
  address: 'Address',
  lastSeen: 'Last seen',
  interval: 'Interval',
  none: 'none',
  notSaid: 'not said yet',
  notKnownYet: 'not known yet',
  counters: 'Readings',
  received: 'Received',
  missing: 'Missing',
  duplicates: 'Sent twice, kept once',
  rejected: 'Rejected',
  repaired: 'Clock repaired',
} as const;

/** Words of what was refused. */
export const quarantine = {
  title: 'Quarantine',
  says: 'values that were kept out of the history, with the reason',
  columns: { when: 'When', metric: 'Metric', value: 'Value', why: 'Why' },
  wholeMessage: 'whole message',
  emptyHead: 'Nothing is in quarantine',
  emptyBody: 'A value that the hub refuses appears here with its reason. Nothing is dropped in silence.',
} as const;

/** Words of what a device says about itself. */
export const log = {
  title: 'Log',
  says: 'what the device says about itself',
  emptyHead: 'The device has said nothing',
  emptyBody: 'Lines that it sends as log messages appear here, newest first.',
} as const;
