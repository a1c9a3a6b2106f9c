import type { Limit } from '../format/metric.js';
import { SPARK_BUCKET_MS } from './spark-buffer.js';

/** What the line is of, apart from its values. */
export interface SparkLook {
  /** Expected time between readings: an empty bucket is a gap only past three of them. */
  readonly interval: number | null;
  /** Quiet: the device is stale or offline, and the line with it. */
  readonly quiet: boolean;
  /** A state, which has no value between on and off. */
  readonly steps: boolean;
  /** Beyond these the line takes their colour. */
  readonly limits: readonly Limit[];
}

/** The box that shapes are made for; it is stretched to the room that there is. */
export const SPARK_WIDTH = 120;
export const SPARK_HEIGHT = 24;

const LEFT = 1;
const RIGHT = 3;
const TOP = 4;
/** A hatch that is narrower than this says nothing. */
const LEAST_HATCH = 8;

/** A sparkline in the box's units, as SVG takes it. */
export interface SparkShape {
  /** The line, as the `d` of a path; a gap begins it anew. */
  readonly line: string;
  /** A dot where the newest value is, as a path of no length; undefined while the device is quiet. */
  readonly dot: string | undefined;
  /** The parts of the box beyond a limit that the line reaches into. */
  readonly beyond: readonly Beyond[];
  /** Since when nothing is known, from 0 at the left to 1; undefined while that is too little to be seen. */
  readonly unknownFrom: number | undefined;
}

export interface Beyond {
  readonly kind: Limit['kind'];
  readonly top: number;
  readonly height: number;
}

/** @param means of each bucket, oldest first; undefined when nothing was read at all */
export function sparkShape(
  means: readonly (number | undefined)[],
  { interval, quiet, steps, limits }: SparkLook,
): SparkShape | undefined {
  const known = means.filter((mean) => mean !== undefined);
  if (known.length === 0) return undefined;
  const [low, high] = span(known, steps);
  const y = (value: number) => SPARK_HEIGHT - TOP - ((value - low) / (high - low)) * (SPARK_HEIGHT - 2 * TOP);
  const x = (index: number) => LEFT + (index / (means.length - 1)) * (SPARK_WIDTH - LEFT - RIGHT);
  const reach = Math.max(2, Math.ceil((3 * (interval ?? 0)) / SPARK_BUCKET_MS) + 1);
  let line = '';
  let before = Number.NEGATIVE_INFINITY;
  means.forEach((mean, index) => {
    if (mean === undefined) return;
    const joined = index - before <= reach;
    if (joined && steps) line += `H${tenth(x(index))}V${tenth(y(mean))}`;
    else line += `${joined ? 'L' : 'M'}${tenth(x(index))} ${tenth(y(mean))}`;
    before = index;
  });
  const end = x(before);
  return {
    line,
    dot: quiet ? undefined : `M${tenth(end)} ${tenth(y(means[before] ?? low))}h0`,
    beyond: quiet ? [] : limits.flatMap((limit) => beyond(limit, y(limit.at), y(low), y(high))),
    unknownFrom:
      quiet && SPARK_WIDTH - end - 2 * RIGHT >= LEAST_HATCH ? (end + RIGHT) / SPARK_WIDTH : undefined,
  };
}

/** What lies beyond the limit, when the line does; `bottom` and `top` are its own ends. */
function beyond({ kind, side }: Limit, edge: number, bottom: number, top: number): Beyond[] {
  if (side === 'above') return top < edge ? [{ kind, top: 0, height: Math.min(edge, SPARK_HEIGHT) }] : [];
  const from = Math.max(0, edge);
  return bottom > edge ? [{ kind, top: from, height: SPARK_HEIGHT - from }] : [];
}

/** From lowest to highest, with a least span, so that noise is not drama. */
function span(known: readonly number[], steps: boolean): [low: number, high: number] {
  if (steps) return [0, 1];
  const low = Math.min(...known);
  const high = Math.max(...known);
  const least = Math.max(Math.abs(low + high) * 0.005, 1e-6);
  if (high - low >= least) return [low, high];
  const middle = (low + high) / 2;
  return [middle - least / 2, middle + least / 2];
}

/** A tenth of a pixel is finer than the eye: what differs by less is drawn once. */
const tenth = (at: number): number => Math.round(at * 10) / 10;
