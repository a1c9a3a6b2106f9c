import type { Refusal, Verdict } from './classify.js';

/** One line of those that are sifted. */
export interface Piece {
  /** The line, with its `\n`, as UTF-8. */
  readonly bytes: Uint8Array;
}

/** A piece that InfluxDB refuses, and why. */
export interface Refused<P extends Piece> {
  readonly piece: P;
  readonly reason: string;
  readonly isWholePoint: boolean;
  /** See doubt.ts. */
  readonly isDoubtful?: boolean;
}

/** Sends lines. @throws SinkError whatever is nobody's fault here */
export type Send = (lines: Uint8Array) => Promise<Verdict>;

/** What is known of a range before it is sent: that it holds something refused, or is too large. */
type Known = Pick<Refusal, 'dropped'> | 'too-large' | undefined;

/**
 * Finds the pieces that InfluxDB refuses, by halves, and writes all others. A piece counts as written only when a
 * request with it was answered by "written": after a partial write InfluxDB does not wait for what its other
 * shards do. That repeats many lines, which changes nothing: a point that is written again is the same point.
 *
 * One bad piece of 5,000 costs about 25 requests. Where all pieces of a request were dropped, one tells.
 * @param pieces that resemble one another should stand together
 * @param known the answer to a request with all of them, where there was one
 */
export async function sift<P extends Piece>(
  pieces: readonly P[],
  send: Send,
  known?: Refusal | 'too-large',
): Promise<Refused<P>[]> {
  const refused: Refused<P>[] = [];

  /** @returns whether any was refused */
  async function narrow(from: number, to: number, hint: Known): Promise<boolean> {
    const count = to - from;
    let known = hint;
    if (known === undefined || count === 1 || (known !== 'too-large' && known.dropped === count)) {
      const verdict = await send(bytesOf(pieces, from, to));
      if (verdict.kind === 'written') return false;
      if (verdict.kind === 'missing' || verdict.kind === 'failed') throw verdict.error;
      if (verdict.kind === 'refused') {
        if (count === 1 || verdict.dropped === count) return refuse(from, to, verdict);
        known = verdict;
      } else {
        if (count === 1) return refuse(from, to, { reason: verdict.reason, isWholePoint: false });
        known = 'too-large';
      }
    }
    const middle = from + Math.ceil(count / 2);
    const isLeftBad = await narrow(from, middle, undefined);
    // What the left half does not hold must be in the right one: it is halved without being asked.
    const isRightBad = await narrow(middle, to, isLeftBad || known === 'too-large' ? undefined : known);
    return isLeftBad || isRightBad;
  }

  function refuse(from: number, to: number, why: Omit<Refused<P>, 'piece'>): true {
    const { reason, isWholePoint, isDoubtful } = why;
    for (let at = from; at < to; at++) {
      refused.push({ piece: pieces[at] as P, reason, isWholePoint, ...(isDoubtful && { isDoubtful }) });
    }
    return true;
  }

  if (pieces.length === 0) return refused;
  if (
    known !== undefined &&
    known !== 'too-large' &&
    (pieces.length === 1 || known.dropped === pieces.length)
  ) {
    refuse(0, pieces.length, known);
  } else {
    await narrow(0, pieces.length, known);
  }
  return refused;
}

function bytesOf(pieces: readonly Piece[], from: number, to: number): Uint8Array {
  return Buffer.concat(pieces.slice(from, to).map(({ bytes }) => bytes));
}
