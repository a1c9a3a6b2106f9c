import { SinkError } from '../sink.js';
import { answeredWith, sinkErrorOf } from './influx-error.js';
import type { WriteAnswer } from './write-client.js';

/** What an answer to a write means for the lines that were sent. */
export type Verdict =
  /** All of them are stored. */
  | { readonly kind: 'written' }
  /** Some of them never will be, for this reason; of the others it is not certain that they are. */
  | Refusal
  /** The request was too large. */
  | { readonly kind: 'too-large'; readonly reason: string }
  /** There is no such database or retention policy. */
  | { readonly kind: 'missing'; readonly error: SinkError }
  /** None of them may be taken as stored. */
  | {
      readonly kind: 'failed';
      readonly error: SinkError;
      /** It may be the lines' fault, if it happens to them again and again. */
      readonly suspect: boolean;
    };

export interface Refusal {
  readonly kind: 'refused';
  /** InfluxDB's own words. */
  readonly reason: string;
  /** How many were dropped at least; 0 where it does not say. */
  readonly dropped: number;
  /** The point was refused because of its time or its tags: it is no better with fewer fields. */
  readonly isWholePoint: boolean;
  /** It was an error like any other, and only suspected to be the lines' fault (doubt.ts). */
  readonly isDoubtful?: boolean;
}

/** The fault of the lines, whatever the status: InfluxDB 1.x has sent conflicts as 500, too. */
const BAD_LINES =
  /partial write|unable to parse|parsing failed|field type conflict|invalid field|invalid tag|duplicate tags|too long|points beyond retention policy|time outside range|unprocessable/i;
/** Not the fault of the lines, although they are dropped: somebody has to raise a limit. */
const LIMITED = /(^|: )max-(series-per-database|values-per-tag) limit exceeded/i;
/** Nor is this: the disk of the server is full, or cannot be written. */
const DISK =
  /no space left|read-only file system|permission denied|disk quota|input\/output error|operation not permitted/i;
/** The server has too much to do; lines have no part in it. */
const BUSY = /time(d )?-?out|cache-max-memory-size|too many|busy|not ready|shutting down|closed/i;
const WHOLE_POINT = /beyond retention policy|time outside range/i;

/** Decides by whose fault a write failed (the documents of InfluxDB 1.8, 2.7 and 3, and influxd 1.6.7 itself). */
export function classify({ status, body }: WriteAnswer): Verdict {
  const reason = reasonOf(body);
  if (status >= 200 && status < 300) {
    // A success has nothing to say. What does is a page to log in, or whatever else stands at a wrong address.
    if (body.trim() === '') return { kind: 'written' };
    const told = reason.slice(0, 300) || 'with something';
    return failed(new SinkError('credentials', `InfluxDB does not answer like this: ${status} ${told}`));
  }
  if (status === 413) return { kind: 'too-large', reason: reason || 'the request is too large' };
  if (status === 400 || status === 422 || status === 500) {
    if (LIMITED.test(reason)) return failed(new SinkError('full', `InfluxDB answered ${status}: ${reason}`));
    if (BAD_LINES.test(reason)) {
      const dropped = Number(/ dropped=(\d+)$/.exec(reason)?.[1] ?? 0);
      const isWholePoint = WHOLE_POINT.test(reason);
      return { kind: 'refused', reason: reason.replace(/ dropped=\d+$/, ''), dropped, isWholePoint };
    }
  }
  if (status === 507 || (status >= 500 && DISK.test(reason))) {
    return failed(new SinkError('full', `InfluxDB answered ${status}: ${reason}`));
  }
  const error = sinkErrorOf(answeredWith(status, body));
  if (status === 404 || /retention policy not found/i.test(reason)) return { kind: 'missing', error };
  const isUnknown = error.kind === 'internal';
  // What is moved, may not be posted, or speaks otherwise is not InfluxDB: the address is wrong.
  if (isUnknown && (status !== 400 || !isInflux(body)))
    return failed(new SinkError('credentials', error.message));
  const suspect = (isUnknown || status === 500) && !BUSY.test(reason);
  return { kind: 'failed', error: isUnknown ? new SinkError('overload', error.message) : error, suspect };
}

function failed(error: SinkError): Verdict {
  return { kind: 'failed', error, suspect: false };
}

/** `{"error"}` of 1.x; `{"code","message"}` of 2.x; `{"error","data":[{"error_message"}]}` of 3.x. */
function reasonOf(body: string): string {
  const answer = objectOf(body);
  if (answer === undefined) return body.trim();
  const { error, message, data } = answer;
  const words: unknown[] = [message ?? error ?? ''];
  const first: unknown = Array.isArray(data) ? data[0] : data;
  if (typeof first === 'object' && first !== null && 'error_message' in first)
    words.push(first.error_message);
  return words.map(String).join(': ');
}

function isInflux(body: string): boolean {
  const answer = objectOf(body);
  return answer !== undefined && ('error' in answer || 'message' in answer);
}

function objectOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? { ...answer } : undefined;
  } catch {
    return undefined;
  }
}
