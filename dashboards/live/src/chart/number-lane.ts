import uPlot from 'uplot';
import { breachOf, type MetricLook } from '../format/metric.js';
import { decimalsOfStep, num } from '../format/number.js';
import { recorder as words } from '../strings.js';
import type { Bucket } from './bucket-series.js';
import type { Gap } from './gaps.js';
import { hatch, label } from './hatch.js';
import { canvasFont, type Palette } from './palette.js';
import { GUTTER_PX } from './pixels.js';
import { type Range, rangeOf, ticksOf } from './scale.js';

const LINE_PX = 1.5;
const BAND_OPACITY = 0.17;
const BREACH_BAND_OPACITY = 0.3;
const MOST_TICKS = 4;
/** Ticks nearer to an edge would be cut. */
const EDGE_PX = 8;
/** A gap says its length where the words fit with this much to spare. */
const WORD_ROOM_PX = 12;
/** A foot that is shorter would not be seen. */
const LEAST_FOOT_PX = 5;

/** Everything that one picture of a lane needs. */
export interface NumberPicture {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly buckets: readonly Bucket[];
  readonly gaps: readonly Gap[];
  /** When the readings were measured that arrived late. */
  readonly late: readonly Gap[];
  readonly look: MetricLook;
  readonly least: number;
  /** Marks the newest value with a dot. */
  readonly live: boolean;
  /** Gaps are named once, in the first lane. */
  readonly named: boolean;
  readonly colours: Palette;
}

/**
 * One metric over time on uPlot: band of lowest to highest under the mean, both from the same buckets; hatched
 * gaps; dashed limits, beyond which line and band take the limit's colour, so that a mean cannot hide a breach.
 * The crosshair is not uPlot's: it spans lanes that are no uPlots, so the recorder lays one over all of them.
 */
export class NumberLane {
  readonly #plot: uPlot;
  #picture: NumberPicture;
  #range: Range = { low: 0, high: 1 };

  constructor(into: HTMLElement, widthPx: number, heightPx: number, picture: NumberPicture) {
    this.#picture = picture;
    this.#plot = new uPlot(this.#options(widthPx, heightPx), [[], [], [], []], into);
    this.draw(picture);
  }

  draw(picture: NumberPicture): void {
    this.#picture = picture;
    this.#range = rangeOf(picture.buckets, picture.look.limits, picture.least);
    this.#plot.setData(columns(picture), true);
  }

  resize(widthPx: number, heightPx: number): void {
    if (this.#plot.width !== widthPx || this.#plot.height !== heightPx) {
      this.#plot.setSize({ width: widthPx, height: heightPx });
    }
  }

  /** Where a value stands, in CSS pixels from the lane's top. */
  yOf(value: number): number {
    return this.#plot.valToPos(value, 'y');
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #options(width: number, height: number): uPlot.Options {
    const quiet = { show: false };
    const edge = { width: 0, stroke: 'transparent', points: quiet } as const;
    return {
      width,
      height,
      ms: 1,
      padding: [0, 0, 0, 0],
      legend: quiet,
      cursor: quiet,
      scales: {
        x: { time: true, range: () => [this.#picture.from, this.#picture.to] },
        y: { range: () => [this.#range.low, this.#range.high] },
      },
      axes: [
        quiet,
        {
          side: 1,
          size: GUTTER_PX,
          gap: 8,
          font: canvasFont(11),
          stroke: () => this.#picture.colours['ink-3'],
          ticks: quiet,
          grid: { width: 1, stroke: () => this.#picture.colours.line },
          splits: () => this.#ticks(),
          values: (_plot, at) => tickTexts(at),
        },
      ],
      series: [
        {},
        edge,
        edge,
        { width: LINE_PX, spanGaps: false, points: quiet, stroke: () => this.#ink(1) },
      ],
      bands: [{ series: [1, 2], fill: () => this.#ink(BAND_OPACITY) }],
      hooks: {
        drawClear: [(plot) => this.#drawGaps(plot)],
        draw: [
          (plot) => this.#drawLimits(plot),
          (plot) => this.#drawLonely(plot),
          (plot) => this.#drawLate(plot),
          (plot) => this.#drawNow(plot),
        ],
      },
    };
  }

  #ticks(): number[] {
    const { low, high } = this.#range;
    const edge = (EDGE_PX / this.#plot.height) * (high - low);
    return [...ticksOf({ low: low + edge, high: high - edge }, MOST_TICKS)];
  }

  /** The line's colour by height: one gradient with hard edges at the limits. */
  #ink(opacity: number): CanvasGradient | string {
    const { colours, look } = this.#picture;
    const { low, high } = this.#range;
    const { top, height } = this.#plot.bbox;
    const plain = faded(colours.s1, opacity);
    const inside = look.limits.map(({ at }) => at).filter((at) => at > low && at < high);
    const edges = [high, ...inside.sort((a, b) => b - a), low];
    const gradient = this.#plot.ctx.createLinearGradient(0, top, 0, top + height);
    const stop = (value: number) => (high - value) / (high - low);
    for (let i = 0; i + 1 < edges.length; i++) {
      const upper = edges[i] ?? high;
      const lower = edges[i + 1] ?? low;
      const breach = breachOf(look, (upper + lower) / 2);
      const colour = breach ? faded(colours[breach.kind], opacity === 1 ? 1 : BREACH_BAND_OPACITY) : plain;
      gradient.addColorStop(stop(upper), colour);
      gradient.addColorStop(stop(lower), colour);
    }
    return gradient;
  }

  #drawGaps(plot: uPlot): void {
    const { gaps, colours, named } = this.#picture;
    const density = devicePixelRatio;
    const { left, top, width, height } = plot.bbox;
    for (const { from, to } of gaps) {
      const x = Math.max(left, plot.valToPos(from, 'x', true));
      const end = Math.min(left + width, plot.valToPos(to, 'x', true));
      hatch(plot.ctx, { x, y: top, width: end - x, height }, colours['hatch-ink'], density);
      if (!named) continue;
      const text = words.gap(to - from);
      const ink = this.#words(colours['ink-2']);
      plot.ctx.font = ink.font;
      if (plot.ctx.measureText(text).width + WORD_ROOM_PX * density > end - x) continue;
      label(plot.ctx, text, { x: (x + end) / 2, y: top + height / 2, align: 'center' }, ink, density);
    }
  }

  #drawLimits(plot: uPlot): void {
    const { look, colours } = this.#picture;
    const { ctx } = plot;
    const density = devicePixelRatio;
    const { left, top, width, height } = plot.bbox;
    for (const { kind, side, at, hold } of look.limits) {
      const y = Math.round(plot.valToPos(at, 'y', true)) + 0.5;
      if (y < top + 2 * density || y > top + height) continue;
      ctx.save();
      ctx.strokeStyle = colours[kind];
      ctx.lineWidth = density;
      ctx.setLineDash([4 * density, 3 * density]);
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(left + width, y);
      ctx.stroke();
      ctx.restore();
      const text = words.limit(kind, side, num(at, decimalsOfStep(at)), hold);
      const place = { x: left + 6 * density, y: Math.max(y, top + 9 * density), align: 'left' } as const;
      label(ctx, text, place, this.#words(colours[kind]), density);
    }
  }

  /** Readings that arrived late stand in their own time, on a dotted foot. */
  #drawLate(plot: uPlot): void {
    const { late, colours } = this.#picture;
    if (late.length === 0) return;
    const { ctx } = plot;
    const density = devicePixelRatio;
    const { left, top, width, height } = plot.bbox;
    const y = top + height - 2 * density;
    ctx.save();
    ctx.strokeStyle = colours['ink-3'];
    ctx.lineWidth = 2 * density;
    ctx.setLineDash([density, 3 * density]);
    ctx.beginPath();
    for (const { from, to } of late) {
      const x = Math.max(left, plot.valToPos(from, 'x', true));
      const end = Math.min(left + width, Math.max(x + LEAST_FOOT_PX * density, plot.valToPos(to, 'x', true)));
      ctx.moveTo(x, y);
      ctx.lineTo(end, y);
    }
    ctx.stroke();
    ctx.restore();
  }

  /** A bucket between two gaps has no line to be part of: it is a point. */
  #drawLonely(plot: uPlot): void {
    const means = plot.data[3] ?? [];
    const times = plot.data[0];
    const { ctx } = plot;
    ctx.fillStyle = this.#ink(1);
    means.forEach((mean, index) => {
      if (mean == null || means[index - 1] != null || means[index + 1] != null) return;
      const x = plot.valToPos(times[index] ?? 0, 'x', true);
      ctx.beginPath();
      ctx.arc(x, plot.valToPos(mean, 'y', true), 1.2 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
    });
  }

  #drawNow(plot: uPlot): void {
    const { buckets, live, colours, look, stepMs, to } = this.#picture;
    const last = buckets.at(-1);
    if (!live || !last) return;
    const { ctx } = plot;
    const density = devicePixelRatio;
    const x = plot.valToPos(middle(last, stepMs, to), 'x', true);
    const y = plot.valToPos(last.mean, 'y', true);
    const breach = breachOf(look, last.mean);
    for (const [radius, colour] of [
      [4.5, colours.surface],
      [3, breach ? colours[breach.kind] : colours.s1],
    ] as const) {
      ctx.fillStyle = colour;
      ctx.beginPath();
      ctx.arc(x, y, radius * density, 0, 2 * Math.PI);
      ctx.fill();
    }
  }

  #words(colour: string): { colour: string; surface: string; font: string } {
    return { colour, surface: this.#picture.colours.surface, font: canvasFont(11 * devicePixelRatio) };
  }
}

/** Ticks with as many decimals as their distance needs. */
function tickTexts(at: readonly number[]): string[] {
  const [first = 0, second = first] = at;
  const decimals = decimalsOfStep(second === first ? first : Number((second - first).toPrecision(6)));
  return at.map((value) => num(value, decimals));
}

/** Where a bucket is drawn: at its middle, but never in the future. */
function middle(bucket: Bucket, stepMs: number, to: number): number {
  return Math.min(bucket.t + stepMs / 2, to);
}

/** uPlot's columns: time, highest, lowest, mean; a null breaks the line at a gap. */
function columns({ buckets, gaps, stepMs, to }: NumberPicture): uPlot.AlignedData {
  const times: number[] = [];
  const high: (number | null)[] = [];
  const low: (number | null)[] = [];
  const mean: (number | null)[] = [];
  let gap = 0;
  for (const bucket of buckets) {
    while ((gaps[gap]?.to ?? Number.POSITIVE_INFINITY) <= bucket.t) {
      if (times.length > 0) {
        times.push(gaps[gap]?.from ?? bucket.t);
        high.push(null);
        low.push(null);
        mean.push(null);
      }
      gap++;
    }
    times.push(middle(bucket, stepMs, to));
    high.push(bucket.max);
    low.push(bucket.min);
    mean.push(bucket.mean);
  }
  return [times, high, low, mean];
}

/** A computed colour, `rgb(…)`, with an opacity. */
function faded(colour: string, opacity: number): string {
  if (opacity === 1) return colour;
  return colour.replace(/^rgba?\(([^,]+,[^,]+,[^,)]+).*\)$/, `rgba($1, ${opacity})`);
}
