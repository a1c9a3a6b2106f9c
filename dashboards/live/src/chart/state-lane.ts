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
  /** A line that says more than that nothing is the matter is bolder, in this ink. */
  readonly line?: Ink;
  /** Soft bars are for texts, where no state is louder than another. */
  readonly soft: boolean;
}

/** Something that happened at a moment, ms: a pointed mark with its word, where there is room. */
export interface StateMark {
  readonly at: number;
  readonly word: string;
}

export interface StatePicture {
  readonly from: number;
  readonly to: number;
  readonly segments: readonly Segment[];
  readonly look: (value: Value, segment: Segment) => StateLook;
  /** What a hatch is called here, where that is not only that nothing is known. */
  readonly unknown?: (segment: Segment) => string;
  readonly marks?: readonly StateMark[];
  readonly colours: Palette;
}

/** States over time: true is a bar with its word, false a line, unknown a framed hatch. Bars thin out to ticks. */
export function drawStates(canvas: HTMLCanvasElement, picture: StatePicture): void {
  const on = paper(canvas);
  if (!on) return;
  const { g, width, height } = on;
  const { from, to, segments, look, colours, unknown = () => words.notKnown, marks = [] } = picture;
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
    if (segment.value === undefined) drawUnknown(g, left, wide, height, colours, unknown(segment));
    else drawKnown(g, left, wide, middle, look(segment.value, segment), colours);
  }
  marks.forEach(({ at, word }, index) => {
    const next = marks[index + 1];
    drawMark(g, x(at), (next ? x(next.at) : right) - x(at), middle, word, colours);
  });
  g.restore();
}

/** The mark's point stands on its moment; its word needs room up to the next one. */
function drawMark(
  g: CanvasRenderingContext2D,
  x: number,
  room: number,
  middle: number,
  word: string,
  colours: Palette,
): void {
  g.fillStyle = colours['ink-2'];
  g.beginPath();
  g.moveTo(x, middle - 2);
  g.lineTo(x - 5, middle - 10);
  g.lineTo(x + 5, middle - 10);
  g.fill();
  const ink = { colour: colours['ink-2'], surface: colours.surface, font: canvasFont(10.5) };
  g.font = ink.font;
  if (g.measureText(word).width + 20 > room) return;
  label(g, word, { x: x + 9, y: middle - 5, align: 'left' }, ink);
}

function drawUnknown(
  g: CanvasRenderingContext2D,
  x: number,
  width: number,
  height: number,
  colours: Palette,
  word: string,
): void {
  hatch(g, { x, y: 4, width, height: height - 8 }, colours['hatch-ink']);
  g.strokeStyle = colours.edge;
  g.lineWidth = 1;
  g.strokeRect(crisp(x), 4.5, Math.max(0, width - 1), height - 9);
  if (width <= WORDY_PX) return;
  const ink = { colour: colours['ink-2'], surface: colours.surface, font: canvasFont(11) };
  label(g, word, { x: x + width / 2, y: height / 2, align: 'center' }, ink);
}

function drawKnown(
  g: CanvasRenderingContext2D,
  x: number,
  width: number,
  middle: number,
  { word, fill, soft, line }: StateLook,
  colours: Palette,
): void {
  if (fill === null) {
    g.fillStyle = colours[line ?? 'edge'];
    g.fillRect(x, middle - (line ? 1 : 0.5), width, line ? 2 : 1);
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
