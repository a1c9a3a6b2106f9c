import { useEffect, useRef } from 'preact/hooks';
import { palette } from '../chart/palette.js';
import { paper } from '../chart/pixels.js';
import type { SparkBuffer } from './spark-buffer.js';

const LEFT_PX = 1;
const RIGHT_PX = 3;
const TOP_PX = 4;
const LINE_PX = 1.25;
const LIVE_PX = 1.75;

interface SparkProps {
  readonly buffer: SparkBuffer;
  readonly now: number;
  /** Expected time between readings: an empty bucket is a gap only past three of them. */
  readonly interval: number | null;
  /** Quiet: the device is stale or offline, and the line with it. */
  readonly quiet: boolean;
}

/** The last half hour as one line, drawn for the eye: the figure beside it is what is read out. */
export function Spark({ buffer, now, interval, quiet }: SparkProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = palette.value;
  useEffect(() => {
    if (canvas.current)
      draw(canvas.current, buffer.means(now), interval, quiet ? colours['ink-3'] : colours.s1);
  });
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus
  return <canvas ref={canvas} aria-hidden="true" />;
}

function draw(
  canvas: HTMLCanvasElement,
  means: readonly (number | undefined)[],
  interval: number | null,
  colour: string,
): void {
  const on = paper(canvas);
  if (!on) return;
  const { g, width, height } = on;
  const known = means.filter((mean) => mean !== undefined);
  if (known.length === 0) return;
  let low = Math.min(...known);
  let high = Math.max(...known);
  // A least span, so that noise is not drama.
  const least = Math.max(Math.abs(low + high) * 0.005, 1e-6);
  if (high - low < least) {
    const middle = (low + high) / 2;
    low = middle - least / 2;
    high = middle + least / 2;
  }
  const x = (index: number) => LEFT_PX + (index / (means.length - 1)) * (width - LEFT_PX - RIGHT_PX);
  const y = (value: number) => height - TOP_PX - ((value - low) / (high - low)) * (height - 2 * TOP_PX);
  const joined = Math.max(2, Math.ceil((3 * (interval ?? 0)) / 30_000) + 1);
  g.strokeStyle = colour;
  g.fillStyle = colour;
  g.lineWidth = LINE_PX;
  g.lineJoin = 'round';
  g.beginPath();
  let before = Number.NEGATIVE_INFINITY;
  let last: [number, number] | undefined;
  means.forEach((mean, index) => {
    if (mean === undefined) return;
    const at: [number, number] = [x(index), y(mean)];
    if (index - before <= joined) g.lineTo(...at);
    else g.moveTo(...at);
    before = index;
    last = at;
  });
  g.stroke();
  if (!last) return;
  g.beginPath();
  g.arc(last[0], last[1], LIVE_PX, 0, 2 * Math.PI);
  g.fill();
}
