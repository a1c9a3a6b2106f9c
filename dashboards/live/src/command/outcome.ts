import type { CommandView } from '@fieldline/protocol/browser';
import type { IconName } from '../shell/icon.js';
import { commands as words } from '../strings/commands.js';

/** How a state looks, by the design's classes: `unknown` is hatched, `pending` amber, `plain` has no colour. */
export type Look = 'plain' | 'pending' | 'verified' | 'contradicted' | 'unknown' | 'failed';

/** What has become of a command, as far as anybody knows, in a word and a shape. */
export interface Outcome {
  readonly word: string;
  readonly look: Look;
  readonly glyph: IconName;
}

const of = (word: string, look: Look, glyph: IconName): Outcome => ({ word, look, glyph });
const { outcome } = words;

/** The device's word is `succeeded`; `verified` is its readings'. No answer is never called a failure. */
export function outcomeOf({ state, queue, verification }: CommandView): Outcome {
  switch (state) {
    case 'queued':
      return queue ? of(outcome.waiting, 'plain', 'clock') : of(outcome.queued, 'plain', 'next');
    case 'sent':
      return of(outcome.sent, 'pending', 'busy');
    case 'accepted':
      return of(outcome.accepted, 'pending', 'busy');
    case 'timed_out':
      return verification === 'verified'
        ? of(outcome.shownAnyway, 'unknown', 'unknown')
        : of(outcome.unknown, 'unknown', 'unknown');
    case 'failed':
      return of(outcome.failed, 'failed', 'failed');
    case 'rejected':
      return of(outcome.rejected, 'failed', 'failed');
    case 'expired':
      return of(outcome.expired, 'plain', 'expired');
    case 'cancelled':
      return of(outcome.cancelled, 'plain', 'expired');
    case 'succeeded':
      break;
  }
  switch (verification) {
    case 'pending':
      return of(outcome.checking, 'pending', 'busy');
    case 'verified':
      return of(outcome.verified, 'verified', 'verified');
    case 'contradicted':
      return of(outcome.contradicted, 'contradicted', 'contradicted');
    case 'unverified':
      return of(outcome.unverified, 'unknown', 'unknown');
    case null:
      return of(outcome.succeeded, 'plain', 'ok');
  }
}

/** The parts that a list of commands is counted and filtered by. */
export const GROUPS = ['way', 'verified', 'answered', 'contradicted', 'unknown', 'failed'] as const;
export type Group = (typeof GROUPS)[number];

export function groupOf(command: CommandView): Group {
  const { look } = outcomeOf(command);
  if (command.state === 'queued' || look === 'pending') return 'way';
  if (look === 'verified' || look === 'contradicted' || look === 'unknown') return look;
  return command.state === 'succeeded' ? 'answered' : 'failed';
}
