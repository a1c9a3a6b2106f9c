import { clock, clockMinute, weekday } from '../format/time.js';
import { recorder as words } from '../strings.js';
import { localTicks } from './local-ticks.js';
import { canvasFont, type Palette } from './palette.js';
import { crisp, GUTTER_PX, paper } from './pixels.js';
import { tickFor } from './step.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface AxisPicture {
  readonly from: number;
  readonly to: number;
  readonly live: boolean;
  readonly colours: Palette;
}

/** The one time axis under all lanes, in the viewer's zone. Midnight is told as its day. */
export function drawAxis(canvas: HTMLCanvasElement, { from, to, live, colours }: AxisPicture): void {
  const on = paper(canvas);
  if (!on) return;
  const { g, width } = on;
  const right = width - GUTTER_PX;
  const every = tickFor(to - from, right);
  g.font = canvasFont(11);
  g.textAlign = 'center';
  g.textBaseline = 'middle';
  g.fillStyle = colours['ink-3'];
  g.strokeStyle = colours['line-2'];
  for (const t of localTicks(from, to, every)) {
    const x = crisp(((t - from) / (to - from)) * right);
    g.beginPath();
    g.moveTo(x, 0);
    g.lineTo(x, 4);
    g.stroke();
    if (x > 18 && x < right - 10) g.fillText(tickText(t, every), x, 14);
  }
  g.textAlign = 'left';
  if (live) g.fillText(words.now, right + 8, 14);
}

function tickText(t: number, every: number): string {
  const date = new Date(t);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (every >= DAY_MS || midnight) return weekday(t);
  return every < MINUTE_MS ? clock(t) : clockMinute(t);
}
