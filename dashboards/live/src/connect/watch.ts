import type { AttemptView, DeviceView, QuarantineItem, Value } from '@fieldline/protocol/browser';

/** What is known of a device that is being connected. Times are ms since 1970, by the hub's clock. */
export interface Sightings {
  /** From when on it is watched. */
  readonly since: number;
  /** The registry's view; null until it was asked for. */
  readonly device: Pick<
    DeviceView,
    'id' | 'online' | 'address' | 'boot' | 'lastSeen' | 'metrics' | 'counters'
  > | null;
  /** Its clock repairs before it was watched. */
  readonly repairsBefore: number;
  readonly attempts: readonly AttemptView[];
  readonly quarantine: readonly QuarantineItem[];
  /** When it was seen to come online. */
  readonly onlineAt: number | null;
  /** The first reading that was seen to arrive, and when. */
  readonly first: { readonly at: number; readonly values: Readonly<Record<string, Value>> } | null;
}

/** How far a device has come, or what keeps it. */
export type Standing =
  | { readonly kind: 'waiting' }
  /** Known by its token, with no reading yet. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'refused'; readonly attempt: AttemptView }
  /** Known by its token; its frames are no JSON. */
  | { readonly kind: 'malformed'; readonly item: QuarantineItem; readonly count: number }
  /** Known by its token; its values are refused. */
  | { readonly kind: 'rejected'; readonly item: QuarantineItem }
  | { readonly kind: 'live'; readonly clockRepaired: boolean };

/** Judges what was seen. A reading ends all doubt; before it the newest trouble is what counts. */
export function standingOf(seen: Sightings): Standing {
  const { device, since, first } = seen;
  const hasReading =
    first !== null || Object.values(device?.metrics ?? {}).some(({ time }) => (time ?? 0) >= since);
  if (hasReading) {
    return { kind: 'live', clockRepaired: (device?.counters.clockRepairs ?? 0) > seen.repairsBefore };
  }
  const quarantine = seen.quarantine.filter(({ time }) => time >= since);
  const frames = quarantine.filter(({ code, metric }) => code === 'malformed' && metric === null);
  const [newestFrame] = frames;
  const [newest] = quarantine;
  const [attempt] = seen.attempts;
  // Something in the quarantine came in with the right token: older refusals are over.
  const isOver = newest !== undefined && attempt !== undefined && attempt.lastAt <= newest.time;
  if (attempt !== undefined && !isOver && !(device?.online && isBeforeLogIn(attempt))) {
    return { kind: 'refused', attempt };
  }
  if (newestFrame !== undefined && newestFrame === newest) {
    return { kind: 'malformed', item: newestFrame, count: frames.length };
  }
  if (newest !== undefined) return { kind: 'rejected', item: newest };
  const wasHere = device !== null && (device.online || (device.lastSeen ?? 0) >= since);
  return { kind: wasHere ? 'connected' : 'waiting' };
}

/** Whether it went wrong before the device was known: it says nothing of one that is online. */
function isBeforeLogIn({ kind }: AttemptView): boolean {
  return kind !== 'malformed' && kind !== 'wrong_topic';
}

export type StepState = 'todo' | 'done' | 'failed' | 'verified';

/** A step of a connection. `way` is there only where it went wrong: the path, or the protocol. */
export interface Step {
  readonly name: 'connect' | 'way' | 'token' | 'talk' | 'reading';
  readonly state: StepState;
}

/** Which steps are done, at which one it stands, and what comes after. */
export function stepsOf(standing: Standing): readonly Step[] {
  switch (standing.kind) {
    case 'waiting':
      return steps('todo', 'todo', 'todo', 'todo');
    case 'connected':
      return steps('done', 'done', 'todo', 'todo');
    case 'malformed':
      return steps('done', 'done', 'failed', 'todo');
    case 'rejected':
      return steps('done', 'done', 'done', 'failed');
    case 'live':
      return steps('done', 'done', 'done', 'verified');
    case 'refused':
      return refusedSteps(standing.attempt);
  }
}

const WRONG_WAY = new Set<AttemptView['kind']>([
  'wrong_path',
  'tls_on_plain',
  'plain_on_tls',
  'mqtt_on_http',
]);

function refusedSteps(attempt: AttemptView): readonly Step[] {
  if (!isBeforeLogIn(attempt)) return steps('done', 'done', 'failed', 'todo');
  if (!WRONG_WAY.has(attempt.kind)) return steps('done', 'failed', 'todo', 'todo');
  const [connect, token, , reading] = steps('done', 'todo', 'todo', 'todo');
  return [connect, { name: 'way', state: 'failed' }, token, reading];
}

function steps(
  connect: StepState,
  token: StepState,
  talk: StepState,
  reading: StepState,
): readonly [Step, Step, Step, Step] {
  return [
    { name: 'connect', state: connect },
    { name: 'token', state: token },
    { name: 'talk', state: talk },
    { name: 'reading', state: reading },
  ];
}

/** Where JSON goes wrong in a frame: the offending text between what is before and behind it. */
export function faultIn(frame: string): readonly [before: string, fault: string, after: string] {
  const found = /(?<=[:[,]\s*)(-?nan|-?inf(?:inity)?|undefined|none|null(?=\w)|true(?=\w)|'[^']*'?)/i.exec(
    frame,
  );
  if (found === null) return [frame, '', ''];
  const end = found.index + found[0].length;
  return [frame.slice(0, found.index), found[0], frame.slice(end)];
}
