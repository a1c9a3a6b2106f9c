import { age, duration } from '../format/age.js';
import { counted, NBSP } from '../format/number.js';
import { clock } from '../format/time.js';

/** "Switch the relay" inside a sentence: "switch the relay". "LED on" stays. */
const inside = (title: string): string =>
  /^\p{Lu}(?!\p{Lu})/u.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;

/** Words of commands: what was asked, how far it has come, and what is known of its effect. */
export const commands = {
  title: 'Commands',
  controls: 'Controls',
  controlsSay: 'from the profile; each shows what the device reports',
  freeSay: 'without a profile any command can be sent',
  latest: 'Latest',
  history: 'History',
  historySays: 'what the device said, and what its readings show',
  allDevices: 'All devices',
  loading: 'Commands are on their way here',
  noControlsHead: 'This profile has no commands',
  noControlsBody: 'Commands that the profile of the device names appear here as controls.',
  emptyHead: 'No command yet',
  emptyBody: 'A command and what became of it appears here, from whoever it comes.',
  noneLatest: 'The newest command appears here, step by step.',
  underWay: (n: number) => `${n} on the way`,

  reported: (value: string, ms: number) => `${value}, ${ms < 1000 ? 'just now' : `${age(ms)} ago`}`,
  reportedIs: 'Reported',
  lastKnownIs: 'Last known',
  neverReported: 'Never reported',
  asked: (value: string) => `${value} asked`,
  askedSays: (value: string) => `${value} was asked for; the device has not reported it yet.`,
  /** The button that opens the question: the title's verb. */
  verb: (title: string | null) => (title?.includes(' ') ? `${title.slice(0, title.indexOf(' '))}…` : 'Send…'),
  bars: { disabled: 'Disabled', caps: 'Takes no commands' },
  needs: (role: string) => `Needs ${role}`,
  needsRole: (role: string) => `Sending commands needs ${role}. An admin can give it to you.`,
  disabledDevice: 'The device is disabled: it may not connect.',
  noCommands: 'This device does not take commands: it has not declared so when it connected.',
  noHello: 'This device has not said whether it takes commands. The hub refuses what it cannot take.',
  offline: (since: string) => `Offline${since}. A command can wait for it; you say how long.`,
  since: (at: number) => ` since ${clock(at)}`,
  asleep: (by: number | null) =>
    `Asleep${by === null ? '' : `, back by ${clock(by)}`}. A command can wait for it; you say how long.`,

  ask: {
    head: (device: string, title: string | null, name: string, value: string) =>
      title === null ? `${device}: send ${name}?` : `${device}: ${inside(title)}${value && ` to ${value}`}?`,
    now: (value: string) => `Now reported: ${value}.`,
    last: (value: string) => `Last reported: ${value}.`,
    already: 'That is what it reports already.',
    device: 'Device',
    sends: 'Sends',
    waits: 'Waits',
    waitsFor: (ms: number) => `${duration(ms)} for the answer`,
    proof: 'Proof',
    proofIs: (reading: string, ms: number) => `the reading ${reading} within ${duration(ms)}`,
    noProof: 'none; the profile expects no reading',
    freeProof: 'none; the device has no profile',
    offlineHead: 'The device is offline.',
    asleepHead: 'The device is asleep.',
    offlineBody:
      'The command waits. It is sent after the next connection, oldest first, and never after the time below.',
    waitAtMost: 'It waits at most',
    danger: 'No second command undoes this.',
    again:
      'An earlier one may have run: its outcome is unknown. This is a new command, so the device may do it twice.',
    refused: (code: string): string =>
      ({
        device_offline: 'The device went offline meanwhile. Nothing was sent.',
        not_supported: 'The device does not take commands. Nothing was sent.',
        busy: 'Too many commands wait for this device already. Nothing was sent.',
        too_large: 'The command is longer than the device can take. Nothing was sent.',
        forbidden: 'Your role does not allow it. Nothing was sent.',
      })[code] ?? 'The hub refused it. Nothing was sent.',
    unanswered:
      'The hub did not answer, so it may have taken the command. Trying again cannot send it twice.',
    cancel: 'Cancel',
    send: (title: string | null) => title ?? 'Send it',
    queue: 'Let it wait',
    retry: 'Try again',
    busy: 'Sending',
  },

  chain: {
    queued: 'Queued',
    sent: 'Sent',
    atItsTurn: (at: number) => `at its turn, until ${clock(at)}`,
    whenBack: (at: number) => `when it is back, until ${clock(at)}`,
    after: (ms: number) => `+${duration(ms)}`,
    waiting: 'Waiting for an answer',
    waitsUntil: (ms: number) => `until +${duration(ms)}`,
    accepted: 'Accepted',
    deviceSays: 'says the device',
    saidAfter: (ms: number) => `+${duration(ms)}, says the device`,
    succeeded: 'Succeeded',
    failed: 'Failed',
    rejected: 'Rejected',
    expired: 'Expired',
    cancelled: 'Cancelled',
    noAnswer: 'No answer',
    within: (ms: number) => `within ${duration(ms)}`,
    restarted: 'it restarted',
    checking: 'Checking the reading',
    reads: (reading: string) => `reads ${reading}`,
    verified: 'Verified',
    contradicted: 'Contradicted',
    readingSays: 'says the reading',
    unproven: 'Not proven',
    noReading: 'no reading came',
  },

  outcome: {
    waiting: 'Waiting for the device',
    queued: 'Waiting for its turn',
    sent: 'Sent, no answer yet',
    accepted: 'Accepted, running',
    checking: 'Succeeded, checking',
    succeeded: 'Succeeded',
    verified: 'Verified',
    contradicted: 'Contradicted',
    unverified: 'Succeeded, not proven',
    failed: 'Failed',
    rejected: 'Rejected',
    expired: 'Expired, never sent',
    cancelled: 'Cancelled, never sent',
    unknown: 'Outcome unknown',
    shownAnyway: 'No answer, but its reading shows it',
    /** Beside a control, where there is little room. */
    short: { unknown: 'Outcome unknown', unproven: 'Not proven' },
  },

  verdict: {
    waitingBody: (until: number) =>
      `The device is not connected. It is delivered after the next connection, oldest first, and never after ${clock(until)}.`,
    anyBody: (until: number) =>
      `It is sent when the device can take it, oldest first, and never after ${clock(until)}.`,
    queuedBody: (until: number) =>
      `The device does one after the other. It is never sent after ${clock(until)}.`,
    sentBody: 'The control still shows what the device last reported.',
    acceptedBody: 'The device has started. The end follows.',
    checkingHead: 'The device said ok',
    checkingBody: (reading: string, ms: number) =>
      `Its reading shows ${reading} within ${duration(ms)}, or not.`,
    checkingAny: 'Its reading shows the effect, or not.',
    succeededBody: 'The device said ok. No reading is expected to show it.',
    verifiedBody: (reading: string) => `The device said ok, and its reading shows ${reading}.`,
    verifiedAny: 'The device said ok, and its reading shows the effect.',
    shownAnyway: (reading: string) =>
      `No answer came, but its reading shows ${reading}. If the answer still comes, this corrects itself.`,
    contradictedHead: 'The device said ok; its readings disagree',
    contradictedBody: (reading: string, ms: number) =>
      `Asked for ${reading}. Its last reading within ${duration(ms)} did not show it. A stuck part, a loose wire or a wrong pin look like this.`,
    contradictedAny:
      'Its last reading in time did not show it. A stuck part, a loose wire or a wrong pin look like this.',
    unverifiedHead: 'The device said ok; no reading came to show it',
    unverifiedBody: (title: string, ms: number) =>
      `No reading of ${title} came within ${duration(ms)}. It may well have worked; nothing shows it.`,
    unverifiedAny: 'No reading came in time. It may well have worked; nothing shows it.',
    failedHead: (message: string) =>
      message ? `The device reports: ${message}` : 'The device reports a failure',
    rejectedHead: (message: string) => (message ? `The device refused: ${message}` : 'The device refused'),
    code: 'Its own code:',
    expiredBody: (at: number) => `It was not sent by ${clock(at)}, and never will be.`,
    cancelledBody: 'It was taken back before it was sent.',
    reason: (message: string) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
    unknownBody: (ms: number) =>
      `It was sent, and no answer came within ${duration(ms)}. It may or may not have run.`,
    unknownRestart: 'It was sent, and the device restarted before an answer. It may or may not have run.',
    unknownDisagrees: (reading: string) => `Its readings do not show ${reading}.`,
    corrects: 'If the answer still comes, this corrects itself.',
    hubAsks:
      'When the device connects again without a restart, the hub asks for the answer with the same id; a device does an id once, so asking cannot start it twice.',
    nowReads: (reading: string, ms: number) =>
      `Now reported: ${reading}, ${ms < 1000 ? 'just now' : `${age(ms)} ago`}.`,
    result: 'Answer',
    error: 'Error',
    id: 'Id',
    by: 'By',
    given: 'Given',
    waitsFor: 'May wait',
    sendAgain: 'Send again…',
    cancel: 'Cancel it',
    cancelling: 'Cancelling',
    tooLate: 'It was sent meanwhile, so it cannot be taken back.',
    cancelFailed: 'The hub did not take it back.',
  },

  page: {
    sum: (n: number, more: boolean) =>
      more ? `newest ${counted(n, 'command', 'commands')}` : counted(n, 'command', 'commands'),
    filter: 'Filter by outcome',
    all: 'All',
    recent: 'Recent',
    groups: {
      way: 'On their way',
      verified: 'Verified',
      answered: 'Answered, no proof asked',
      contradicted: 'Contradicted',
      unknown: 'Outcome unknown',
      failed: 'Failed or expired',
    },
    emptyBody:
      'Commands are sent from the page of a device, or to many at once. Whoever sends one, it appears here.',
    noneHead: 'None of these',
    noneBody: 'No command of those loaded ended like this.',
    kept: 'Every change of state is kept, and is in the audit log.',
  },

  free: {
    name: 'Command',
    nameHint: 'as the firmware calls it, such as relay.set',
    nameFault: 'A command starts with a letter or _; letters, digits, _ . - follow, at most 64.',
    values: 'Parameters',
  },
  ttl: (ms: number) => duration(ms).replace(NBSP, ' '),
} as const;
