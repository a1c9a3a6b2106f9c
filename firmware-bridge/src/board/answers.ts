import type { CommandAnswer, ConfigReport, Result } from '@fieldline/protocol';
import type { LineAnswer } from '../lines/line.js';

/** An answer as the desk takes it: `accepted` is no end. */
export type Answer = CommandAnswer | 'accepted';

export function answerOfLine(answer: LineAnswer): Answer {
  return answer.status === 'accepted' ? 'accepted' : answer;
}

export function answerOfResult({ status, result, code, message }: Result): Answer {
  if (status === 'accepted') return status;
  if (status === 'ok') return result === undefined ? { status } : { status, result };
  return { status, ...because(code, message) };
}

export function answerOfConfig({ ok, reported, code, message }: ConfigReport): Answer {
  if (ok) return reported === undefined ? { status: 'ok' } : { status: 'ok', result: reported };
  return { status: 'error', ...because(code, message) };
}

function because(code = 'failed', message: string | undefined) {
  return message === undefined ? { code } : { code, message };
}
