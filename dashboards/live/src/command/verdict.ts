import type { CommandView } from '@fieldline/protocol/browser';
import { commands as words } from '../strings/commands.js';
import type { ChainContext } from './chain.js';
import { readingWords } from './expectation.js';
import { type Look, outcomeOf } from './outcome.js';

/** What the end of a command means, in sentences; and what can be done about it. */
export interface Verdict {
  readonly look: Look;
  readonly head: string;
  readonly body: string;
  /** The device's own code. */
  readonly code: string | null;
  /** `again`: a new command with the same parameters. `cancel`: take it back. */
  readonly act: 'again' | 'cancel' | null;
}

const { verdict } = words;

/** @param online whether the device is; null where that is not known */
export function verdictOf(command: CommandView, context: ChainContext, online: boolean | null): Verdict {
  const { look, word } = outcomeOf(command);
  const { state, queue, createdAt, ttl, error } = command;
  const plain = { look, head: word, body: '', code: null, act: null };
  switch (state) {
    case 'queued': {
      const until = createdAt + ttl;
      const waiting = !queue ? verdict.queuedBody : online === false ? verdict.waitingBody : verdict.anyBody;
      return { ...plain, body: waiting(until), act: 'cancel' };
    }
    case 'sent':
      return { ...plain, body: verdict.sentBody };
    case 'accepted':
      return { ...plain, body: verdict.acceptedBody };
    case 'expired':
      return { ...plain, body: verdict.expiredBody(createdAt + ttl), act: 'again' };
    case 'cancelled':
      return { ...plain, body: error?.message ? verdict.reason(error.message) : verdict.cancelledBody };
    case 'failed':
    case 'rejected': {
      const head = (state === 'failed' ? verdict.failedHead : verdict.rejectedHead)(error?.message ?? '');
      return { ...plain, head, code: error?.code ?? null, act: 'again' };
    }
    case 'timed_out':
      return { ...plain, body: unknownBody(command, context), act: 'again' };
    case 'succeeded':
      return { ...plain, ...proven(command, context) };
  }
}

function unknownBody(
  { error, sentAt, finishedAt, verification }: CommandView,
  context: ChainContext,
): string {
  const reading = context.expected && readingWords(context.expected.look, context.expected.value);
  if (verification === 'verified' && reading) return verdict.shownAnyway(reading);
  const waitedMs = sentAt === null || finishedAt === null ? 0 : finishedAt - sentAt;
  const why = error?.code === 'rebooted' ? verdict.unknownRestart : verdict.unknownBody(waitedMs);
  const shown = verification === 'contradicted' && reading ? [verdict.unknownDisagrees(reading)] : [];
  // After a restart the device has forgotten: nobody is left to ask.
  const asks = error?.code === 'rebooted' ? [] : [verdict.hubAsks];
  return [why, ...shown, verdict.corrects, ...asks].join(' ');
}

function proven({ verification }: CommandView, { expected }: ChainContext): Partial<Verdict> {
  const reading = expected === null ? '' : readingWords(expected.look, expected.value);
  const withinMs = expected?.withinMs ?? 0;
  switch (verification) {
    case null:
      return { body: verdict.succeededBody };
    case 'pending':
      return {
        head: verdict.checkingHead,
        body: reading ? verdict.checkingBody(reading, withinMs) : verdict.checkingAny,
      };
    case 'verified':
      return { body: reading ? verdict.verifiedBody(reading) : verdict.verifiedAny };
    case 'contradicted':
      return {
        head: verdict.contradictedHead,
        body: reading ? verdict.contradictedBody(reading, withinMs) : verdict.contradictedAny,
        act: 'again',
      };
    case 'unverified':
      return {
        head: verdict.unverifiedHead,
        body: expected ? verdict.unverifiedBody(expected.look.title, withinMs) : verdict.unverifiedAny,
      };
  }
}
