import type { JobDeviceState, JobState } from '@fieldline/protocol/browser';
import { age, duration } from '../format/age.js';
import { counted, NBSP, num } from '../format/number.js';
import { clock } from '../format/time.js';
import type { Part } from '../jobs/parts.js';

/** 5, 0.3: as it was typed. */
const pace = (perSecond: number): string =>
  num(perSecond, Number.isInteger(perSecond) ? 0 : perSecond < 0.1 ? 2 : 1);
const devices = (n: number): string => counted(n, 'device', 'devices');

const PARTS: Readonly<Record<Part, string>> = {
  verified: 'verified',
  answered: 'answered',
  contradicted: 'contradicted',
  unknown: 'unknown',
  failed: 'failed',
  left: 'left out',
  way: 'on the way',
  waiting: 'waiting',
};

const DEVICE_STATES: Readonly<Record<JobDeviceState, string>> = {
  waiting: 'Its turn has not come',
  queued: 'Waits for the device',
  sent: 'Sent, no answer yet',
  accepted: 'Accepted, running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  rejected: 'Rejected',
  expired: 'Expired, never sent',
  timed_out: 'Outcome unknown',
  cancelled: 'Cancelled, never sent',
  refused: 'Not taken',
  skipped: 'Left out',
};

const STATES: Readonly<Record<JobState, string>> = {
  running: 'Running',
  done: 'Done',
  cancelled: 'Stopped',
  aborted: 'Stopped by itself',
};

/** Words of group jobs: one command to many devices. */
export const jobs = {
  tabs: { commands: 'Commands', jobs: 'Group jobs' },
  title: 'Group jobs',
  says: 'one command to many devices, a few a second',
  start: 'Send to many',
  devices,
  head: (name: string, n: number) => `${name} on ${devices(n)}`,
  part: (part: Part, n: number) => `${num(n, 0)} ${PARTS[part]}`,
  deviceState: (state: JobDeviceState) => DEVICE_STATES[state],
  /** In the order of a device's way. */
  deviceStates: Object.keys(DEVICE_STATES) as JobDeviceState[],
  state: (state: JobState) => STATES[state],
  done: (done: number, all: number) => `${num(done, 0)} of ${num(all, 0)}`,
  toGo: (n: number, perSecond: number) =>
    `${num(n, 0)} to go, ${pace(perSecond)} a second, about ${duration((1000 * Math.ceil(n)) / perSecond)}`,
  picture: (parts: string) => `Of the devices: ${parts}`,
  scale: (n: number) => `One square is ${n} devices.`,
  limit: (percent: number, now: number | null) =>
    `Stops by itself when ${num(percent, 0)}${NBSP}% fail; now ${now === null ? 'none is done' : `${num(now, 1)}${NBSP}%`}.`,
  noLimit: 'It does not stop by itself.',
  by: (name: string, at: string) => `Started by ${name}, ${at}.`,
  ended: (at: number) => `Ended ${clock(at)}.`,
  stop: 'Stop the rest',
  stopHead: (n: number) => `Stop with ${num(n, 0)} to go?`,
  stopBody: (sent: number) =>
    `The ${num(sent, 0)} that were sent stay as they are; nothing is undone. Those without an answer go on being watched.`,
  goOn: 'Go on sending',
  stopping: 'Stopping',
  stopLate: 'It has ended meanwhile.',
  all: 'All jobs',
  perDevice: 'Devices',
  perDeviceSays: 'in the order of the job',
  every: 'All',
  filter: 'Filter by state',
  columns: { device: 'Device', state: 'State', proof: 'Proof', why: 'Why' },
  proofs: {
    pending: 'checking the reading',
    verified: 'verified',
    contradicted: 'its readings disagree',
    unverified: 'no reading came',
  },
  noProof: 'none asked',
  listColumns: { job: 'Job', state: 'State', devices: 'Devices', by: 'By', started: 'Started' },
  emptyHead: 'No group job yet',
  emptyBody: 'A command that is sent to many devices appears here, with what became of each.',
  gone: 'The hub does not keep this job any more: it keeps the newest 50.',
  noneHead: 'No device in this state',
  noneBody: 'They move from state to state while the job runs.',
  loading: 'The job is on its way here',
  needsRole: 'Sending commands needs operator. An admin can give it to you.',

  form: {
    head: 'Send to many',
    devices: 'Devices',
    chosen: (n: number) => `${devices(n)} chosen in the fleet`,
    byTags: 'Choose by profile and tag instead',
    profile: 'Profile',
    any: 'any',
    match: (n: number) => devices(n),
    matchSays: 'fit',
    none: 'No device fits. Choose another profile or tag.',
    command: 'Command',
    other: 'Another command…',
    chooseCommand: 'Choose a command',
    commandNeeded: 'Choose a command.',
    able: (n: number, all: number) => (n === all ? '' : `, ${num(n, 0)} of ${num(all, 0)} take it`),
    unable: (n: number) =>
      `${counted(n, 'device has', 'devices have')} a profile without this command. They are left out.`,
    disabled: (n: number) => `${counted(n, 'is', 'are')} disabled. They are left out.`,
    rate: 'Devices a second',
    rateFault: 'From 0.01 to 500.',
    abort: 'Stop when so many fail',
    abortFault: 'From 1 to 100, or empty for never.',
    abortHint: 'of those that are done, once 5 are',
    offline: 'Offline devices',
    offlineCount: (n: number) => `${num(n, 0)} of them`,
    leave: 'leave them out',
    wait: (time: string) => `wait for them, at most ${time}`,
    takes: (n: number, perSecond: number) => `about ${age(Math.max(1000, (n / perSecond) * 1000))} in all`,
    go: (n: number) => `Send to ${devices(n)}…`,
    nothing: 'Nothing to send',
    back: 'Cancel',
    tooMany: 'A job has at most 10,000 devices. Choose fewer.',
  },
  ask: {
    body: (n: number, perSecond: number) =>
      `${pace(perSecond)} a second, so about ${age(Math.max(1000, (n / perSecond) * 1000))} in all.`,
    aborts: (percent: number) => `It stops by itself when ${num(percent, 0)}${NBSP}% fail.`,
    never: 'It does not stop by itself when devices fail.',
    left: (n: number) => `${counted(n, 'device is', 'devices are')} offline and left out.`,
    leftHow: 'To include them, go back, let the job wait for them and say how long.',
    waits: (n: number, time: string) =>
      `${counted(n, 'device is', 'devices are')} offline. Theirs waits, and is never sent after ${time}.`,
    sends: 'Sends',
    to: 'To',
    toSome: (names: string, more: number) => (more > 0 ? `${names} and ${num(more, 0)} more` : names),
    proof: 'Proof',
    proofIs: (reading: string, time: string) => `of each the reading ${reading} within ${time}`,
    noProof: 'none; the profile expects no reading',
    type: (n: number) => `Type ${n} to go on`,
    typeFault: (n: number) => `It is ${n} devices: type ${n}.`,
    go: (n: number) => `Send to ${devices(n)}`,
    busy: 'Starting',
    cancel: 'Cancel',
    refused: 'The hub refused it. Nothing was sent.',
    unanswered: 'The hub did not answer, so the job may have begun. Trying again cannot begin it twice.',
  },
} as const;
