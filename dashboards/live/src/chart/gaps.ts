/** A stretch of time without readings, ms since 1970. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Readings may be missing for this many expected intervals before it is called a gap. */
const GAP_INTERVALS = 3;

export interface GapQuestion {
  /** Starts of what was read, ascending, and how long each lasts (0 for single readings). */
  readonly starts: readonly number[];
  readonly lengthMs: number;
  /** Expected time between readings; null where unknown: then the usual distance of the readings stands in. */
  readonly intervalMs: number | null;
  readonly from: number;
  readonly to: number;
}

/**
 * Where nothing is known. An empty bucket alone is no gap: only silence beyond three expected intervals is,
 * from the end of the last bucket to the start of the next, and to both ends of the view.
 */
export function gapsOf(question: GapQuestion): Gap[] {
  const { starts, lengthMs, from, to } = question;
  const bearable = bearableMs(question);
  const gaps: Gap[] = [];
  let known = from;
  for (const start of starts) {
    if (start - known > bearable) gaps.push({ from: known, to: start });
    known = Math.max(known, start + lengthMs);
  }
  if (to - known > bearable) gaps.push({ from: known, to });
  return gaps;
}

/** Silence up to this long is not called a gap. */
export function bearableMs({
  starts,
  lengthMs,
  intervalMs,
}: Pick<GapQuestion, 'starts' | 'lengthMs' | 'intervalMs'>): number {
  return GAP_INTERVALS * (intervalMs ?? Math.max(lengthMs, usualDistance(starts)));
}

function usualDistance(starts: readonly number[]): number {
  const distances: number[] = [];
  for (let i = 1; i < starts.length; i++) distances.push((starts[i] ?? 0) - (starts[i - 1] ?? 0));
  distances.sort((a, b) => a - b);
  return distances[distances.length >> 1] ?? 0;
}
