import { age } from '../format/age.js';
import { counted, NBSP } from '../format/number.js';
import { clock } from '../format/time.js';

/** Words of the bars around every page. */
export const shell = {
  main: 'Main',
  brand: 'Fieldline, to the fleet',
  fleet: 'Fleet',
  alarms: 'Alarms',
  connect: 'Connect',
  connectDevice: 'Connect a device',
  find: 'Find a device or command',
  findKeys: 'Ctrl K',
  perSecond: (n: string) => `${n}/s`,
  perSecondSays: 'Readings a second that the hub takes',
  commands: 'Commands',
  system: 'System',
  theme: (theme: string) => `Theme: ${theme}`,
  themeSet: { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },
  accountOf: 'Account:',
  account: (name: string) => `Account: ${name}`,
  logIns: 'Where you are logged in',
  logOut: 'Log out',
  shortcuts: 'Shortcuts',
  pageComes: 'The page is on its way',
  pageMissingHead: 'This page did not arrive.',
  pageMissingBody:
    'The hub was upgraded since this tab was opened, or does not answer. What you see live goes on after a reload.',
  reload: 'Reload',
  loggedOutFailed: 'The hub does not answer, so the session is still open.',
} as const;

/** Words of the session's end. */
export const sessionOver = {
  head: 'Your session ended',
  body: 'The page stays as it is; log in to go on. What you had typed is kept.',
  passwordFor: (name: string) => `Password for ${name}`,
  someoneElse: 'Someone else',
  go: 'Go on',
  busy: 'Logging in',
} as const;

/** Words of the line to the hub: there, away, back, slow. */
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
  /** @param count about how many readings came; null where nobody knows */
  backBody: (count: number | null) =>
    count === null || count === 0
      ? 'What came meanwhile is in the charts.'
      : `About ${counted(count, 'reading', 'readings')} came meanwhile; the charts have them.`,
  slowHead: 'This connection is slow.',
  slowBody: (dropped: number, since: number) =>
    `You see latest values only; ${counted(dropped, 'update was', 'updates were')} skipped since ${clock(since)}. Nothing is missing in the history.`,
  refused: (reason: string) => `The hub refused a live subscription: ${reason}.`,
  dismiss: 'Dismiss',
} as const;

/** What `?` lists: a group, then each action with its keys. */
export const shortcuts: readonly (readonly [group: string, keys: readonly (readonly [string, string])[]])[] =
  [
    [
      'Anywhere',
      [
        ['Find a device or command', 'Ctrl K'],
        ['These shortcuts', '?'],
        ['Go to fleet, alarms, commands, system', 'g f a c s'],
        ['Connect a device', 'n'],
        ['Theme', 't'],
      ],
    ],
    [
      'Fleet',
      [
        ['Search', '/'],
        ['Next, previous row', 'j k'],
        ['Open the device', '↵'],
        ['Select the row, several rows', 'x ⇧x'],
        ['Table or tiles', 'v'],
      ],
    ],
    [
      'Alarms',
      [
        ['Next, previous alarm', 'j k'],
        ['Acknowledge the one that is open', 'a'],
        ['Close it', 'Esc'],
      ],
    ],
    [
      'Device',
      [
        ['5 min, 1 h, 6 h, 24 h, 7 d, 30 d', '1 – 6'],
        ['Pause and resume live', 'space'],
        ['Move the crosshair, the range', '← → ⇧← ⇧→'],
        ['Zoom in, out, back', '+ − 0'],
        ['Zoom to a part, around the pointer', 'drag, Ctrl wheel'],
      ],
    ],
  ];
