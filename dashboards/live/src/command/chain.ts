import type { CommandView } from '@fieldline/protocol/browser';
import { clock } from '../format/time.js';
import type { IconName } from '../shell/icon.js';
import { commands as words } from '../strings/commands.js';
import { type Expectation, readingWords } from './expectation.js';
import type { Look } from './outcome.js';

/** One step of a command. `next`: it may still happen (dashed). `proof`: the readings' part, not the device's word. */
export interface Step {
  readonly word: string;
  readonly detail: string;
  readonly glyph: IconName;
  readonly look: Look | 'next';
  readonly proof: boolean;
}

export interface ChainContext {
  /** What its readings have to show; null where nothing is expected, or it is not known. */
  readonly expected: Expectation | null;
  /** How long the hub waits for the answer; null where it is not known. */
  readonly answerMs: number | null;
}

const { chain } = words;
const step = (word: string, detail: string, glyph: IconName, look: Step['look'] = 'plain'): Step => ({
  word,
  detail,
  glyph,
  look,
  proof: false,
});
const done = (word: string, detail: string) => step(word, detail, 'done');
const next = (word: string, detail = '') => step(word, detail, 'next', 'next');

/** The way of a command, as far as it has come and may still come. */
export function chainOf(command: CommandView, context: ChainContext): Step[] {
  const steps = [done(chain.queued, clock(command.createdAt)), ...sending(command, context)];
  const proof = proofOf(command, context);
  return proof === null ? steps : [...steps, { ...proof, proof: true }];
}

function sending(command: CommandView, { answerMs }: ChainContext): Step[] {
  const { state, queue, ttl, createdAt, sentAt, acceptedAt, finishedAt, error } = command;
  if (state === 'queued') {
    const detail = (queue ? chain.whenBack : chain.atItsTurn)(createdAt + ttl);
    return [next(chain.sent, detail), next(chain.succeeded)];
  }
  if (state === 'expired' || state === 'cancelled') {
    return [step(chain[state], finishedAt === null ? '' : clock(finishedAt), 'expired')];
  }
  const sent = done(chain.sent, sentAt === null ? '' : chain.after(sentAt - createdAt));
  const tookMs = finishedAt === null || sentAt === null ? null : finishedAt - sentAt;
  const said = tookMs === null ? chain.deviceSays : chain.saidAfter(tookMs);
  const acceptedSaid =
    acceptedAt === undefined || sentAt === null ? chain.deviceSays : chain.saidAfter(acceptedAt - sentAt);
  const began = acceptedAt === undefined ? [sent] : [sent, done(chain.accepted, acceptedSaid)];
  switch (state) {
    case 'sent':
      return [
        sent,
        step(chain.waiting, answerMs === null ? '' : chain.waitsUntil(answerMs), 'busy', 'pending'),
      ];
    case 'accepted':
      return [sent, step(chain.accepted, acceptedSaid, 'busy', 'pending'), next(chain.succeeded)];
    case 'succeeded':
      return [...began, done(chain.succeeded, said)];
    case 'failed':
    case 'rejected':
      return [...began, step(chain[state], said, 'failed', 'failed')];
    case 'timed_out': {
      const why = error?.code === 'rebooted' ? chain.restarted : tookMs === null ? '' : chain.within(tookMs);
      return [...began, step(chain.noAnswer, why, 'unknown', 'unknown')];
    }
  }
}

function proofOf(command: CommandView, { expected }: ChainContext): Step | null {
  const { state, verification, verifiedAt, sentAt } = command;
  const judged =
    verifiedAt === undefined || sentAt === null ? '' : chain.after(Math.max(0, verifiedAt - sentAt));
  const reading = expected === null ? '' : chain.reads(readingWords(expected.look, expected.value));
  switch (verification) {
    case 'pending':
      return state === 'succeeded' || state === 'timed_out'
        ? step(chain.checking, reading, 'busy', 'pending')
        : next(chain.verified, reading);
    case 'verified':
      return step(chain.verified, timed(judged, chain.readingSays), 'verified', 'verified');
    case 'contradicted':
      return step(chain.contradicted, timed(judged, chain.readingSays), 'contradicted', 'contradicted');
    case 'unverified':
      return step(chain.unproven, timed(judged, chain.noReading), 'unknown', 'unknown');
    case null:
      // Not sent yet: the hub has not begun to watch.
      return state === 'queued' && expected !== null ? next(chain.verified, reading) : null;
  }
}

const timed = (when: string, what: string): string => [when, what].filter(Boolean).join(', ');
