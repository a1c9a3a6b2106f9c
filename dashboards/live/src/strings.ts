import { age, duration } from './format/age.js';
import { counted, NBSP, num } from './format/number.js';
import { clock } from './format/time.js';
import type { DeviceState } from './live/state.js';
import type { Trouble } from './system/trouble.js';

/**
 * Every word on the page. Short declaratives; the device is the subject; the time is exact; say what still works;
 * never blame. Sentence case.
 */
export const words = {
  skip: 'Skip to content',
  on: 'on',
  off: 'off',
  noReading: 'no reading',
  noneYet: 'none yet',
  notKnown: 'not known',
  copied: 'Copied',
  close: 'Close',
  waitsForHub: 'This page asks again by itself and goes on as soon as there is an answer.',
  hold: (text: string): string =>
    text.replace(
      /^([\d.]+)\s*(ms|s|m|h|d)$/,
      (_, n: string, u: string) => `${n}${NBSP}${u === 'm' ? 'min' : u}`,
    ),
} as const;

export const stateWords: Readonly<Record<DeviceState, string>> = {
  online: 'Online',
  asleep: 'Asleep',
  stale: 'Stale',
  offline: 'Offline',
  never: 'Never seen',
};

export const shell = {
  main: 'Main',
  brand: 'Fieldline, to the fleet',
  fleet: 'Fleet',
  commands: 'Commands',
  system: 'System',
  theme: (theme: string) => `Theme: ${theme}`,
  themeSet: { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },
  account: (name: string) => `Account: ${name}`,
  logOut: 'Log out',
  shortcuts: 'Shortcuts',
  loggedOutFailed: 'The hub does not answer, so the session is still open.',
} as const;

export const link = {
  live: 'Live',
  connecting: 'Connecting',
  retry: (ms: number) => `Trying again, ${Math.max(1, Math.ceil(ms / 1000))}${NBSP}s`,
  behind: 'Latest values only',
  liveSays: (ms: number, missed: string) => `Connected for ${age(ms)}. ${missed}`,
  nothingMissed: (since: number) => `Nothing missed since ${clock(since)}.`,
  awayHead: 'The hub does not answer.',
  awayBody: (lostAt: number, ms: number) =>
    `What you see is from ${clock(lostAt)} and ages. Next try in ${Math.max(1, Math.ceil(ms / 1000))}${NBSP}s.`,
  neverBody: (ms: number) => `Nothing live yet. Next try in ${Math.max(1, Math.ceil(ms / 1000))}${NBSP}s.`,
  tryNow: 'Try now',
  backHead: (at: number, ms: number) => `Back since ${clock(at)}, after ${age(Math.max(1000, ms))}.`,
  backBody: 'What came meanwhile is in the charts.',
  slowHead: 'This connection is slow.',
  slowBody: (dropped: number, since: number) =>
    `You see latest values only; ${counted(dropped, 'update was', 'updates were')} skipped since ${clock(since)}. Nothing is missing in the history.`,
  refused: (reason: string) => `The hub refused a live subscription: ${reason}.`,
  dismiss: 'Dismiss',
} as const;

export const login = {
  title: 'Log in',
  name: 'Name',
  password: 'Password',
  go: 'Log in',
  busy: 'Logging in',
  hint: 'User admin; the password is the admin token. The hub printed it at its first start and keeps it in its data directory, in the file admin-token.',
  wrong: 'Name and password do not match.',
  codeUsed:
    'This link was used already, or is older than 10 min. Log in below, or ask the hub for a new one.',
  tooMany: 'Too many tries from this address. Others can go on; wait a little.',
  away: 'The hub does not answer. Nothing was sent.',
} as const;

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

export const quarantine = {
  title: 'Quarantine',
  says: 'values that were kept out of the history, with the reason',
  columns: { when: 'When', metric: 'Metric', value: 'Value', why: 'Why' },
  wholeMessage: 'whole message',
  emptyHead: 'Nothing is in quarantine',
  emptyBody: 'A value that the hub refuses appears here with its reason. Nothing is dropped in silence.',
} as const;

export const log = {
  title: 'Log',
  says: 'what the device says about itself',
  emptyHead: 'The device has said nothing',
  emptyBody: 'Lines that it sends as log messages appear here, newest first.',
} as const;

export const lists = {
  more: 'Show more',
  failedHead: 'The list did not arrive.',
  failedBody: (reason: string) => `The hub said: ${reason}.`,
  askAgain: 'Ask again',
} as const;

const SINKS: Readonly<Record<string, string>> = { duckdb: 'DuckDB', influx: 'InfluxDB', mqtt: 'MQTT' };
/** What a sink is called; one that this page does not know is called what the hub calls it. */
export const sinkNames = (name: string): string => SINKS[name] ?? name;

const JOURNAL_TROUBLE: Readonly<Record<string, string>> = {
  journal_full: 'The journal is full. Devices wait; nothing is acked that is not on disk.',
  disk_full: 'The disk is full. Devices wait; nothing is acked that is not on disk.',
  sync_failed: 'The disk did not confirm a write. Devices wait; nothing is acked that is not on disk.',
};
const journalTrouble = (code: string): string =>
  JOURNAL_TROUBLE[code] ??
  'The journal cannot be written. Devices wait; nothing is acked that is not on disk.';
const waits = (lag: number) => counted(lag, 'reading waits', 'readings wait');

/** What is wrong, in a few words. */
function troubleHead(trouble: Trouble): string {
  if (trouble.kind === 'journal') return 'Nothing can be stored.';
  if (trouble.kind === 'filling') return `The journal is ${num(trouble.share * 100, 0)}${NBSP}% full.`;
  const { name, state } = trouble.sink;
  return state === 'holding' ? `${sinkNames(name)} needs somebody to act.` : `${sinkNames(name)} is away.`;
}

/** What it means: what waits, what was lost, what still works. */
function troubleBody(trouble: Trouble, now: number): string {
  if (trouble.kind === 'journal') return journalTrouble(trouble.code);
  if (trouble.kind === 'filling')
    return 'When it is full, devices are asked to wait; nothing is acked falsely.';
  const { lag, oldest, skipped } = trouble.sink;
  const kept =
    oldest === null
      ? 'Nothing waits for it.'
      : `${waits(lag)} in the journal, the oldest for ${age(Math.max(1000, now - oldest))}.`;
  const lost =
    skipped === 0
      ? 'Nothing is lost. Live values go on.'
      : `It will never get ${counted(skipped, 'reading that was', 'readings that were')} skipped. Live values go on.`;
  return `${kept} ${lost}`;
}

export const system = {
  title: 'System',
  tabs: { overview: 'Overview', audit: 'Audit', people: 'Users and tokens' },
  loading: 'The hub is asked how it is',
  from: (at: string) => `from ${at}`,
  badge: (trouble: Trouble): string =>
    trouble.kind === 'sink' && trouble.sink.skipped === 0
      ? `${troubleHead(trouble).replace(/\.$/, '')}; nothing is lost, it waits in the journal`
      : troubleHead(trouble).replace(/\.$/, ''),
  stripHead: troubleHead,
  stripBody: troubleBody,
  andMore: (n: number) => `${counted(n, 'more thing is', 'more things are')} told on the page System.`,
  flow: 'The way of the data',
  journal: 'Journal',
  ofCap: (cap: string) => `of ${cap}`,
  allDone: 'every reading has arrived everywhere',
  oldestWaits: (ms: number) => `the oldest that waits: ${age(Math.max(1000, ms))}`,
  behind: (n: string) => `${n} behind`,
  writes: (n: string) => `${n}/s written`,
  states: {
    starting: 'Starting',
    running: 'Running',
    retrying: 'Trying again',
    holding: 'Needs somebody',
    closed: 'Closed',
  },
  advice: {
    starting: 'It has not opened yet.',
    running: 'It runs.',
    retrying: 'It does not take readings at the moment. The hub tries again by itself.',
    holding:
      'It refuses readings for a reason that does not pass by itself. The hub keeps them and asks again now and then.',
    closed: 'It was closed.',
  },
  waiting: 'Behind',
  readings: (n: number) => counted(n, 'reading', 'readings'),
  nothing: 'nothing',
  oldest: 'Oldest unsent',
  written: 'Written since the start',
  skipped: 'Skipped',
  skippedMeans: 'Skipped readings were beyond what the journal keeps for it. They will never arrive there.',
  canWrite: 'Writing',
  cannotWrite: 'Not writing',
  journalTrouble,
  used: 'Used',
  journalMeans: 'What is acked is here first, and stays until the sinks have it.',
  segments: 'Segments',
  damaged: 'Damaged batches at the last start',
} as const;

/** What `?` lists: a group, then each action with its keys. */
export const shortcuts: readonly (readonly [group: string, keys: readonly (readonly [string, string])[]])[] =
  [
    [
      'Anywhere',
      [
        ['These shortcuts', '?'],
        ['Theme', 't'],
      ],
    ],
    [
      'Fleet',
      [
        ['Search', '/'],
        ['Next, previous row', 'j k'],
        ['Open the device', '↵'],
        ['Table or tiles', 'v'],
      ],
    ],
    [
      'Device',
      [
        ['5 min, 1 h, 6 h, 24 h, 7 d, 30 d', '1 – 6'],
        ['Pause and resume live', 'space'],
        ['Move the crosshair', '← →'],
        ['Zoom in, out, back', '+ − 0'],
      ],
    ],
  ];
