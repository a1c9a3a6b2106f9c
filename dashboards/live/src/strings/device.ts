import { age } from '../format/age.js';
import { counted, MINUS, NBSP, num } from '../format/number.js';
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
  send: 'Send a command',
  latest: 'Latest readings',
  tabsName: 'Device',
  tabs: {
    charts: 'Charts',
    commands: 'Commands',
    config: 'Config',
    log: 'Log',
    raw: 'Raw',
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
  outage: 'Last outage',
  outageSays: (ms: number, reason: string | undefined) =>
    [age(Math.max(1000, ms)), reason].filter(Boolean).join(', '),
  signal: 'Signal',
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
  columns: { when: 'When', metric: 'Metric', value: 'Value', why: 'Why', advice: 'What to do' },
  wholeMessage: 'whole message',
  bytes: (n: number) => `${num(n, 0)}${NBSP}B`,
  notJson: (at: number, what: string) => `Not JSON at character ${num(at, 0)}: ${what} is no value here.`,
  alike: (n: number) => `${num(n, 0)} alike.`,
  fresh: (n: number) => `${counted(n, 'more was', 'more were')} refused since.`,
  show: 'Show',
  save: 'Save',
  saveHint: 'Save what is listed, one JSON object a line',
  advice: {
    malformed: 'The text is cut off, or no message. Send one JSON object.',
    notJson: 'Send null for “no reading”, names and texts in double quotes.',
    type_conflict: 'Send the type that the metric has, or have an admin give it another one.',
    sendFigure: (figure: string) => `Send ${figure}; the unit is in the profile.`,
    ds18b20: `A DS18B20 says ${MINUS}127 when its wire is loose, and 85 before its first conversion.`,
    out_of_range: 'Look at the sensor and its wire; the limits are in the profile.',
    unknown_metric: 'The profile is strict: add the metric to it, or leave it out.',
    bad_metric_name: 'A name begins with a letter or _, then letters, figures, _ . - up to 64.',
    bad_value: 'Send a number, true, false, a text up to 256 bytes, or null.',
    too_many_metrics: 'Send fewer metrics in one reading.',
    bad_time: 'Send whole milliseconds since 1970, or no time at all.',
    too_large: 'Send fewer rows in one message.',
  },
  emptyHead: 'Nothing is in quarantine',
  emptyBody: 'A value that the hub refuses appears here with its reason. Nothing is dropped in silence.',
} as const;

/** Words of what a device says about itself, and what the hub says about its connection. */
export const log = {
  title: 'Log',
  says: 'what the device says about itself, and the hub about its connection',
  filter: 'Level',
  all: 'All',
  warnings: (n: number) => (n > 0 ? `Warnings ${num(n, 0)}` : 'Warnings'),
  hub: 'hub',
  online: 'connected',
  offline: (reason: string | undefined) => `offline${reason ? `: ${reason.replaceAll('_', ' ')}` : ''}`,
  asleep: 'asleep, as announced',
  rebooted: (boot: string | undefined) => `new boot${boot ? ` ${boot}` : ''}`,
  late: (n: number, from: string, to: string) =>
    `${counted(n, 'reading', 'readings')} of ${from} to ${to} arrived late, placed by their own times`,
  emptyHead: 'The device has said nothing',
  emptyBody: 'Lines that it sends as log messages appear here, newest first.',
  noWarning: 'No warning among the lines that are listed.',
} as const;

/** Words of what goes over the wire. */
export const raw = {
  title: 'Raw',
  says: 'what went over the wire, both ways, as text; nothing is hidden but tokens',
  list: 'Messages, newest first',
  pause: 'Pause',
  resume: 'Resume',
  held: (n: number) => `${counted(n, 'message', 'messages')} since it stands still`,
  save: 'Save',
  direction: 'Direction',
  directions: { all: 'Both', in: 'From the device', out: 'To the device' },
  spoken: { in: 'from the device', out: 'to the device' },
  bytes: (n: number) => `${num(n, 0)}${NBSP}B`,
  via: { ws: 'WebSocket', mqtt: 'MQTT', http: 'HTTP' },
  kept: (shown: number, most: number) =>
    `${num(shown, 0)} of at most ${num(most, 0)} messages; older ones are not kept`,
  emptyHead: 'Nothing has gone over the wire yet',
  emptyBody:
    'Messages appear here as they pass, from the moment at which this tab was opened. None are stored.',
  lockedHead: 'Looking at the wire needs operator',
  lockedBody: 'An admin can give you the role. The log and the quarantine say what was refused, and why.',
} as const;
