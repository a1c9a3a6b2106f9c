import type { CommandState, CommandView } from '@fieldline/protocol/browser';

/** How far each state is from the start: a command only moves up, and `timed_out` may still be corrected. */
const RANK: Readonly<Record<CommandState, number>> = {
  queued: 0,
  sent: 1,
  accepted: 2,
  timed_out: 3,
  succeeded: 4,
  failed: 4,
  rejected: 4,
  expired: 4,
  cancelled: 4,
};

/** Of two tellings of one command the later one, in whatever order they came. */
export function later(a: CommandView, b: CommandView): CommandView {
  if (RANK[a.state] !== RANK[b.state]) return RANK[a.state] > RANK[b.state] ? a : b;
  return judged(a) ? a : b;
}

const judged = ({ verification }: CommandView): boolean =>
  verification !== null && verification !== 'pending';

/** Whether something more is to come of it by itself, other than a late answer. */
export function isUnderWay({ state, verification }: CommandView): boolean {
  return state === 'queued' || state === 'sent' || state === 'accepted' || verification === 'pending';
}
