import type { Value } from '@fieldline/protocol/browser';
import { words } from '../strings.js';
import { hatch, label } from './hatch.js';
import { canvasFont, type Ink, type Palette } from './palette.js';
import { crisp, GUTTER_PX, paper } from './pixels.js';
import type { Segment } from './segments.js';

const BAR_PX = 14;
const WORDY_PX = 88;

/** How a state is drawn: a bar with its word, or a plain line. */
export interface StateLook {
  readonly word: string;
  /** null: a line, since there is nothing to see. */
  readonly fill: Ink | null;
  /** Soft bars are for texts, where no state is louder than another. */
  readonly soft: boolean;
}

export interface StatePicture {
  readonly from: number;
  readonly to: number;
  readonly segments: readonly Segment[];
  readonly look: (value: Value) => StateLook;
  readonly colours: Palette;
}

/** States over time: true is a bar with its word, false a line, unknown a framed hatch. Bars thin out to ticks. */
export function drawStates(canvas: HTMLCanvasElement, picture: StatePicture): void {
  const on = paper(canvas);
  if (!on) return;
  const { g, width, height } = on;
  const { from, to, segments, look, colours } = picture;
  const right = width - GUTTER_PX;
  const x = (t: number) => Math.max(0, Math.min(right, ((t - from) / (to - from)) * right));
  const middle = height / 2;
  g.save();
  g.beginPath();
  g.rect(0, 0, right, height);
  g.clip();
  for (const segment of segments) {
    const left = x(segment.from);
    const wide = Math.max(x(segment.to) - left, 0.6);
    if (segment.value === undefined) drawUnknown(g, left, wide, height, colours);
    else drawKnown(g, left, wide, middle, look(segment.value), colours);
  }
  g.restore();
}

function drawUnknown(
  g: CanvasRenderingContext2D,
  x: number,
  width: number,
  height: number,
  colours: Palette,
): void {
  hatch(g, { x, y: 4, width, height: height - 8 }, colours['hatch-ink']);
  g.strokeStyle = colours.edge;
  g.lineWidth = 1;
  g.strokeRect(crisp(x), 4.5, Math.max(0, width - 1), height - 9);
  if (width <= WORDY_PX) return;
  const ink = { colour: colours['ink-2'], surface: colours.surface, font: canvasFont(11) };
  label(g, words.notKnown, { x: x + width / 2, y: height / 2, align: 'center' }, ink);
}

function drawKnown(
  g: CanvasRenderingContext2D,
  x: number,
  width: number,
  middle: number,
  { word, fill, soft }: StateLook,
  colours: Palette,
): void {
  if (fill === null) {
    g.fillStyle = colours.edge;
    g.fillRect(x, middle - 0.5, width, 1);
    return;
  }
  g.fillStyle = colours[fill];
  g.globalAlpha = soft ? 0.26 : 0.82;
  g.fillRect(x, middle - BAR_PX / 2, width > 3 ? width - 1 : width, BAR_PX);
  g.globalAlpha = 1;
  g.font = canvasFont(11, 500);
  if (g.measureText(word).width + 10 >= width) return;
  g.fillStyle = soft ? colours.ink : colours.surface;
  g.textBaseline = 'middle';
  g.textAlign = 'left';
  g.fillText(word, x + 6, middle + 0.5);
}
