import type { CommandState, CommandView, Value, Verification } from '@fieldline/protocol';

/** A command as the hub keeps it. Times are ms since 1970. */
export interface Command {
  /** A ULID: ids sort by age. */
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly params: Readonly<Record<string, Value | null>>;
  readonly state: CommandState;
  /** It may wait for a device that is offline. */
  readonly queue: boolean;
  /** For how long it may wait to be sent, from `createdAt`. */
  readonly ttl: number;
  /** For how long the hub waits for an answer, from `sentAt`, and again from each `accepted`. */
  readonly timeout: number;
  readonly createdAt: number;
  readonly sentAt: number | null;
  readonly acceptedAt: number | null;
  readonly finishedAt: number | null;
  /** The boot of the device that it was sent to; null where the device named none. */
  readonly boot: string | null;
  /** Any JSON. */
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly verification: Verification | null;
  /** When telemetry decided; null until then. */
  readonly verifiedAt: number | null;
  readonly by: string;
  /** `user:<id>` or `token:<id>`: by whose word it is sent; null where that is not known, as over an external broker. */
  readonly giver: string | null;
}

/** From the first `sent` on, however often a device says `accepted`, an answer is waited for no longer than this. */
export const MAX_ANSWER_MS = 3_600_000;

/** What each state may become. Nothing else moves (protocol §3 "Commands"). */
const NEXT: Readonly<Record<CommandState, readonly CommandState[]>> = {
  queued: ['sent', 'expired', 'cancelled'],
  sent: ['accepted', 'succeeded', 'failed', 'rejected', 'timed_out'],
  accepted: ['accepted', 'succeeded', 'failed', 'rejected', 'timed_out'],
  timed_out: ['succeeded', 'failed', 'rejected'],
  succeeded: [],
  failed: [],
  rejected: [],
  expired: [],
  cancelled: [],
};

/** Whether a command may go from one state to another. */
export function canBecome(from: CommandState, to: CommandState): boolean {
  return NEXT[from].includes(to);
}

/** Whether the command has come to an end. That of `timed_out` may still be corrected. */
export function hasEnded({ state }: Pick<Command, 'state'>): boolean {
  return state !== 'queued' && !isInFlight({ state });
}

/** Whether the device has it, and owes an answer. */
export function isInFlight({ state }: Pick<Command, 'state'>): boolean {
  return state === 'sent' || state === 'accepted';
}

/** When something is due: it expires, or its answer has not come in time; null once it has ended. */
export function dueAt(command: Command): number | null {
  const { state, createdAt, ttl, sentAt, acceptedAt, timeout } = command;
  if (state === 'queued') return createdAt + ttl;
  if (sentAt === null || !isInFlight(command)) return null;
  return Math.min((acceptedAt ?? sentAt) + timeout, sentAt + MAX_ANSWER_MS);
}

/** For how long at most it may be until then, from now on. */
export function longestWait({ state, ttl, timeout }: Command): number {
  return state === 'queued' ? ttl : Math.min(timeout, MAX_ANSWER_MS);
}

/** A command as the API shows it (protocol §3 "Shapes"). */
export function viewCommand(command: Command): CommandView {
  const { timeout: _timeout, boot: _boot, giver: _giver, acceptedAt, verifiedAt, ...view } = command;
  return {
    ...view,
    ...(acceptedAt === null ? {} : { acceptedAt }),
    ...(verifiedAt === null ? {} : { verifiedAt }),
  };
}
