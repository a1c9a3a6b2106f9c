import { useEffect, useRef } from 'preact/hooks';
import { hatch } from '../chart/hatch.js';
import { type Palette, palette } from '../chart/palette.js';
import { type Paper, paper } from '../chart/pixels.js';
import type { Limit } from '../format/metric.js';
import { SPARK_BUCKET_MS, type SparkBuffer } from './spark-buffer.js';

const LEFT_PX = 1;
const RIGHT_PX = 3;
const TOP_PX = 4;
const LINE_PX = 1.25;
const LIVE_PX = 1.75;
/** A hatch that is narrower than this says nothing. */
const LEAST_HATCH_PX = 8;

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

interface SparkProps extends SparkLook {
  readonly buffer: SparkBuffer;
  readonly now: number;
}

/**
 * The last half hour as one line, drawn for the eye: the figure beside it is what is read out. Drawn once a second at the
 * most, since a bucket is half a minute.
 */
export function Spark({ buffer, now, interval, quiet, steps, limits }: SparkProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = palette.value;
  useEffect(() => {
    const on = canvas.current && paper(canvas.current);
    if (on) draw(on, buffer.means(now), { interval, quiet, steps, limits }, colours);
  }, [buffer, now, interval, quiet, steps, limits, colours]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus
  return <canvas ref={canvas} aria-hidden="true" />;
}

interface Point {
  readonly x: number;
  readonly y: number;
  /** False where the line begins anew, after a gap. */
  readonly joined: boolean;
}

function draw(
  { g, width, height }: Paper,
  means: readonly (number | undefined)[],
  { interval, quiet, steps, limits }: SparkLook,
  colours: Palette,
): void {
  const known = means.filter((mean) => mean !== undefined);
  if (known.length === 0) return;
  const [low, high] = span(known, steps);
  const y = (value: number) => height - TOP_PX - ((value - low) / (high - low)) * (height - 2 * TOP_PX);
  const x = (index: number) => LEFT_PX + (index / (means.length - 1)) * (width - LEFT_PX - RIGHT_PX);
  const reach = Math.max(2, Math.ceil((3 * (interval ?? 0)) / SPARK_BUCKET_MS) + 1);
  const points: Point[] = [];
  let before = Number.NEGATIVE_INFINITY;
  means.forEach((mean, index) => {
    if (mean === undefined) return;
    points.push({ x: x(index), y: y(mean), joined: index - before <= reach });
    before = index;
  });
  g.lineJoin = 'round';
  stroke(g, points, steps, quiet ? colours['ink-3'] : colours.s1, LINE_PX);
  for (const { kind, side, at } of quiet ? [] : limits) {
    // What is beyond the limit once more, in its colour: everything else is cut off.
    g.save();
    g.beginPath();
    const edge = y(at);
    g.rect(0, side === 'above' ? -height : edge, width, side === 'above' ? edge + height : 2 * height);
    g.clip();
    stroke(g, points, steps, colours[kind], LIVE_PX);
    g.restore();
  }
  const last = points.at(-1);
  if (!last) return;
  const room = width - last.x - 2 * RIGHT_PX;
  if (quiet && room >= LEAST_HATCH_PX) {
    const box = { x: last.x + RIGHT_PX, y: TOP_PX, width: room + RIGHT_PX, height: height - 2 * TOP_PX };
    hatch(g, box, colours['hatch-ink']);
  }
  if (quiet) return;
  g.fillStyle = colours.s1;
  g.beginPath();
  g.arc(last.x, last.y, LIVE_PX, 0, 2 * Math.PI);
  g.fill();
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

function stroke(
  g: CanvasRenderingContext2D,
  points: readonly Point[],
  steps: boolean,
  colour: string,
  px: number,
): void {
  g.strokeStyle = colour;
  g.lineWidth = px;
  g.beginPath();
  points.forEach(({ x, y, joined }, index) => {
    const before = points[index - 1];
    if (!joined || !before) g.moveTo(x, y);
    else {
      if (steps) g.lineTo(x, before.y);
      g.lineTo(x, y);
    }
  });
  g.stroke();
}
