import uPlot from 'uplot';
import { hatch } from '../chart/hatch.js';
import { localTicks } from '../chart/local-ticks.js';
import { canvasFont, type Palette } from '../chart/palette.js';
import { ticksOf } from '../chart/scale.js';
import { clockMinute } from '../format/time.js';
import { spread } from './spread.js';

const LINE_PX = 1.25;
const SCALE_PX = 44;
/** The names and values at the ends of the lines. */
const NAMES_PX = 104;
const AXIS_PX = 20;
const NAME_HEIGHT_PX = 14;
const MOST_TICKS = 3;
const TICK_MS = 5 * 60_000;
/** Above the highest value. */
const MARGIN = 1.12;
const INKS = ['s1', 's2', 's3', 's4', 's5', 's6'] as const;

/** One line of a small chart. */
export interface Trend {
  readonly name: string;
  /** At the times of the picture; null where it is not known. */
  readonly values: readonly (number | null)[];
}

export interface TrendPicture {
  readonly from: number;
  readonly to: number;
  /** ms since 1970, ascending. */
  readonly times: readonly number[];
  /** At most six. */
  readonly trends: readonly Trend[];
  /** The least height of the picture: less is noise. */
  readonly least: number;
  /** A value in words: at the scale, and with its unit at the end of a line. */
  readonly tick: (value: number) => string;
  readonly figure: (value: number) => string;
  readonly colours: Palette;
}

/** A few lines over the last minutes on uPlot, each named with its value at its end. What was before is hatched. */
export class TrendPlot {
  readonly #plot: uPlot;
  #picture: TrendPicture;

  constructor(into: HTMLElement, widthPx: number, heightPx: number, picture: TrendPicture) {
    this.#picture = picture;
    this.#plot = new uPlot(this.#options(widthPx, heightPx, picture.trends.length), [[]], into);
    this.draw(picture);
  }

  draw(picture: TrendPicture): void {
    this.#picture = picture;
    const values = picture.trends.map((trend) => [...trend.values]);
    this.#plot.setData([[...picture.times], ...values] as uPlot.AlignedData, true);
  }

  resize(widthPx: number): void {
    if (this.#plot.width !== widthPx) this.#plot.setSize({ width: widthPx, height: this.#plot.height });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #options(width: number, height: number, lines: number): uPlot.Options {
    const quiet = { show: false };
    const ink = () => this.#picture.colours['ink-3'];
    const font = canvasFont(11);
    return {
      width,
      height,
      ms: 1,
      padding: [6, NAMES_PX, 0, 0],
      legend: quiet,
      cursor: quiet,
      scales: {
        x: { time: true, range: () => [this.#picture.from, this.#picture.to] },
        y: { range: () => [0, this.#high()] },
      },
      axes: [
        {
          size: AXIS_PX,
          gap: 4,
          font,
          stroke: ink,
          ticks: quiet,
          grid: quiet,
          splits: () => localTicks(this.#picture.from, this.#picture.to, TICK_MS),
          values: (_plot, at) => at.map(clockMinute),
        },
        {
          size: SCALE_PX,
          gap: 6,
          font,
          stroke: ink,
          ticks: quiet,
          grid: { width: 1, stroke: () => this.#picture.colours.line },
          splits: () => [...ticksOf({ low: 0, high: this.#high() }, MOST_TICKS)],
          values: (_plot, at) => at.map((value) => this.#picture.tick(value)),
        },
      ],
      series: [
        {},
        ...Array.from({ length: lines }, (_, index) => ({
          width: LINE_PX,
          spanGaps: false,
          points: quiet,
          stroke: () => this.#ink(index),
        })),
      ],
      hooks: {
        drawClear: [(plot) => this.#drawUnknown(plot)],
        draw: [(plot) => this.#drawNames(plot)],
      },
    };
  }

  #ink(index: number): string {
    return this.#picture.colours[INKS[index] ?? 's6'];
  }

  #high(): number {
    const { trends, least } = this.#picture;
    return (
      MARGIN *
      trends.reduce((high, { values }) => Math.max(high, ...values.map((value) => value ?? 0)), least)
    );
  }

  /** What was before the first sample nobody knows. */
  #drawUnknown(plot: uPlot): void {
    const { times, from, colours } = this.#picture;
    const { left, top, width, height } = plot.bbox;
    const first = times[0];
    const end = first === undefined ? left + width : plot.valToPos(Math.max(first, from), 'x', true);
    const box = { x: left, y: top, width: Math.min(end - left, width), height };
    hatch(plot.ctx, box, colours['hatch-ink'], devicePixelRatio);
  }

  /** Names stand where their lines end, and no two on each other. */
  #drawNames(plot: uPlot): void {
    const { trends, figure, colours } = this.#picture;
    const density = devicePixelRatio;
    const { ctx, bbox } = plot;
    const ends = trends
      .map(({ name, values }, index) => ({ name, index, value: values.at(-1) ?? null }))
      .flatMap(({ name, index, value }) =>
        value === null ? [] : [{ name, index, value, y: plot.valToPos(value, 'y', true) }],
      )
      .sort((a, b) => a.y - b.y);
    const placed = spread(
      ends.map(({ y }) => y),
      NAME_HEIGHT_PX * density,
      bbox.top + bbox.height,
    );
    ctx.save();
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    ctx.font = canvasFont(11 * density);
    for (const [row, { name, index, value }] of ends.entries()) {
      const at = placed[row] ?? 0;
      const x = bbox.left + bbox.width + 6 * density;
      ctx.fillStyle = this.#ink(index);
      ctx.fillRect(x, at - density, 8 * density, 2 * density);
      ctx.fillStyle = colours['ink-2'];
      ctx.fillText(`${name} ${figure(value)}`, x + 12 * density, at);
    }
    ctx.restore();
  }
}
