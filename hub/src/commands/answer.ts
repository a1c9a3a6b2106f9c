import { LIMITS, type Result } from '@fieldline/protocol';
import { type Command, canBecome } from './command.js';
import type { CommandChange } from './ledger.js';

/** What a device answered to a command. */
export type Answer = Omit<Result, 'type'>;

const STATES = { accepted: 'accepted', ok: 'succeeded', error: 'failed', rejected: 'rejected' } as const;

/** What an answer changes of a command; null for one that comes too late, or again. */
export function answered(command: Command, answer: Answer, nowMs: number): CommandChange | null {
  const state = STATES[answer.status];
  if (!canBecome(command.state, state)) return null;
  if (state === 'accepted') return { state, acceptedAt: nowMs };
  const error = state === 'succeeded' ? null : errorOf(answer);
  return { state, ...resultOf(answer), ...(error === null ? {} : { error }), ...proofAfter(state, command) };
}

/**
 * Whether this `accepted` follows another within the same second: it restarts the time, and is no change to write, so
 * that a device that says it all the time keeps nobody's disk busy.
 */
export function isRepeated({ state, acceptedAt }: Command, { status }: Answer, nowMs: number): boolean {
  const isAgain = status === 'accepted' && state === 'accepted' && acceptedAt !== null;
  return isAgain && Math.floor(acceptedAt / 1_000) === Math.floor(nowMs / 1_000);
}

/** What is still to be proved after the end of a command; of one that telemetry has shown, nothing. */
function proofAfter(
  state: 'succeeded' | 'failed' | 'rejected',
  { verification }: Command,
): Pick<CommandChange, 'verification'> {
  if (verification === null || verification === 'verified') return {};
  // What a device refused, or failed to do, has no effect that telemetry could show. What it did late shows from now
  // on, whatever was said while nobody knew.
  return { verification: state === 'succeeded' ? 'pending' : null };
}

/** A result that is too long is left out: the command did what it did. */
function resultOf({ result = null }: Answer): CommandChange {
  if (Buffer.byteLength(JSON.stringify(result)) <= LIMITS.resultBytes) return { result, error: null };
  const message = `the result was left out: over ${LIMITS.resultBytes} bytes`;
  return { result: null, error: { code: 'result_too_large', message } };
}

function errorOf({ status, code, message }: Answer): { code: string; message: string } {
  return { code: code ?? status, message: message ?? '' };
}
