import type { Value } from '@fieldline/protocol/browser';
import { bearableMs, type Gap } from './gaps.js';

/** A stretch of one state; `value` is undefined where it is not known. */
export interface Segment extends Gap {
  readonly value: Value | undefined;
}

export interface SegmentQuestion {
  /** Ascending by time: single readings, or the last of each bucket. */
  readonly points: readonly (readonly [t: number, value: Value])[];
  /** Width of a bucket; 0 for single readings. */
  readonly lengthMs: number;
  readonly intervalMs: number | null;
  readonly from: number;
  readonly to: number;
}

/** Readings of a state as stretches: each holds until the next reading, and becomes unknown after a long silence. */
export function segmentsOf(question: SegmentQuestion): Segment[] {
  const { points, lengthMs, from, to } = question;
  const bearable = bearableMs({ ...question, starts: points.map(([t]) => t) });
  const segments: Segment[] = [];
  const push = (start: number, end: number, value: Value | undefined) => {
    const clipped = { from: Math.max(from, start), to: Math.min(to, end), value };
    if (clipped.to <= clipped.from) return;
    const before = segments.at(-1);
    if (before && before.value === value) segments[segments.length - 1] = { ...before, to: clipped.to };
    else segments.push(clipped);
  };
  let known = from;
  points.forEach(([t, value], index) => {
    // Before the first reading nothing is known, however short the time.
    if (index === 0 && t > known) push(known, t, undefined);
    const next = points[index + 1]?.[0] ?? to;
    const lasts = t + lengthMs;
    const silent = next - lasts > bearable;
    push(t, silent ? lasts : next, value);
    if (silent) push(lasts, next, undefined);
    known = next;
  });
  if (points.length === 0) push(from, to, undefined);
  return segments;
}
