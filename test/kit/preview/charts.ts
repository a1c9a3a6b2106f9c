import type { TimeRange } from '../grafana.js';
import { type PanelAnswer, type Trace, tracesOf } from '../grafana-board.js';
import { type Box, color, cut, line, lookOf, rect, shown, THEME, text, valueColor } from './svg.js';

const AXIS = 52;
const LEGEND = 18;
/** In shorter ranges minutes would repeat themselves. */
const SECONDS_BELOW_MS = 600_000;

/** Lines or bars over time, with limits as dashes. */
export function timeSeries(answer: PanelAnswer, box: Box, range: TimeRange): string {
  const { panel, answers } = answer;
  const traces = answers
    .flatMap(tracesOf)
    .filter(({ points }) => points.some(([, value]) => typeof value === 'number'));
  const { custom } = (panel.fieldConfig?.defaults ?? {}) as {
    custom?: { drawStyle?: string; thresholdsStyle?: { mode: string } };
  };
  const look = panel.fieldConfig?.defaults ?? {};
  const limits =
    custom?.thresholdsStyle?.mode === 'off'
      ? []
      : (look.thresholds?.steps ?? []).filter(({ value }) => value !== null);
  const values = traces
    .flatMap(({ points }) => points.map(([, value]) => value))
    .filter((v) => typeof v === 'number');
  const isBars = custom?.drawStyle === 'bars';
  const tops = isBars ? pileHeights(traces) : values;
  const [low, high] = bounds(tops.length === 0 ? [0] : tops, look as { min?: number; max?: number });
  const plot = { x: box.x + AXIS, y: box.y + 6, w: box.w - AXIS - 8, h: box.h - LEGEND - 24 };
  // A bucket may begin before the range.
  const xOf = (us: number) =>
    plot.x + Math.max(0, (us / 1000 - range.from) / (range.to - range.from)) * plot.w;
  const yOf = (value: number) => plot.y + plot.h - ((value - low) / (high - low)) * plot.h;
  const parts = [0, 0.5, 1].map((share) => {
    const value = low + (high - low) * share;
    const y = yOf(value);
    const label = text(plot.x - 6, y + 4, shown(value, look), {
      'font-size': 10,
      fill: THEME.dim,
      'text-anchor': 'end',
    });
    return (
      line(
        [
          [plot.x, y],
          [plot.x + plot.w, y],
        ],
        THEME.line,
      ) + label
    );
  });
  for (const { value, color: name } of limits) {
    const y = yOf(value as number);
    if (y >= plot.y && y <= plot.y + plot.h)
      parts.push(
        line(
          [
            [plot.x, y],
            [plot.x + plot.w, y],
          ],
          color(name),
          'stroke-dasharray="5 4" opacity="0.8"',
        ),
      );
  }
  // Bars stand on each other.
  const piles = new Map<number, number>();
  for (const [index, { name, points }] of traces.entries()) {
    const stroke = colorOf(answer, name, index);
    const drawn = points.filter(([, value]) => typeof value === 'number') as [number, number][];
    if (isBars) {
      const width = Math.max(2, plot.w / 150);
      for (const [at, value] of drawn) {
        const below = piles.get(at) ?? 0;
        piles.set(at, below + value);
        const [y, bottom] = [yOf(below + value), yOf(below)];
        parts.push(
          rect({ x: Math.min(xOf(at), plot.x + plot.w - width), y, w: width, h: bottom - y }, stroke),
        );
      }
      continue;
    }
    parts.push(
      line(
        drawn.map(([at, value]) => [xOf(at), yOf(value)] as const),
        stroke,
        'stroke-width="1.3"',
      ),
    );
    // What has no neighbour would be no line.
    for (const [at, value] of drawn.length < 3 ? drawn : [])
      parts.push(`<circle cx="${xOf(at).toFixed(1)}" cy="${yOf(value).toFixed(1)}" r="3" fill="${stroke}"/>`);
  }
  const names = traces.map(({ name }) => name);
  return parts.join('') + times(plot, range) + legend(answer, names, box);
}

/** Lanes of states. */
export function stateTimeline(answer: PanelAnswer, box: Box, range: TimeRange): string {
  const traces = answer.answers.flatMap(tracesOf).slice(0, 20);
  const plot = { x: box.x + 96, y: box.y + 2, w: box.w - 104, h: box.h - 26 };
  const height = plot.h / Math.max(1, traces.length);
  const xOf = (us: number) =>
    plot.x + Math.max(0, (us / 1000 - range.from) / (range.to - range.from)) * plot.w;
  const parts: string[] = [];
  for (const [row, { name, points }] of traces.entries()) {
    const y = plot.y + row * height;
    const look = lookOf(answer, name);
    const beside = { 'font-size': 10.5, fill: THEME.dim, 'text-anchor': 'end' };
    parts.push(text(plot.x - 6, y + height / 2 + 4, cut(name, 88), beside));
    const all = points.filter(([, value]) => value !== null);
    const changes = all.filter(([, value], at) => at === 0 || value !== all[at - 1]?.[1]);
    for (const [at, [time, value]] of changes.entries()) {
      const x = xOf(time);
      const w = Math.max(1, xOf(changes[at + 1]?.[0] ?? range.to * 1000) - x);
      parts.push(rect({ x, y: y + height * 0.08, w, h: height * 0.84 }, valueColor(value, look, at)));
      const words = shown(value, look);
      if (w > words.length * 7)
        parts.push(text(x + 4, y + height / 2 + 4, words, { 'font-size': 10.5, fill: '#111217' }));
    }
  }
  return parts.join('') + times(plot, range);
}

/** Positions, north up. The map beneath them is Grafana's. */
export function positions({ answers }: PanelAnswer, box: Box): string {
  const found = answers.flatMap(({ series }) =>
    series.map(({ tags, values }) => ({
      name: tags?.device ?? '',
      at: values[0]?.slice(1) as [number, number],
    })),
  );
  const [south, north] = bounds(
    found.map(({ at }) => at[0]),
    {},
  );
  const [west, east] = bounds(
    found.map(({ at }) => at[1]),
    {},
  );
  return found
    .map(({ name, at: [latitude, longitude] }) => {
      const x = box.x + 40 + ((longitude - west) / (east - west)) * (box.w - 160);
      const y = box.y + box.h - 30 - ((latitude - south) / (north - south)) * (box.h - 60);
      return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="6" fill="${color('blue')}"/>${text(x + 10, y + 4, name)}`;
    })
    .join('');
}

function pileHeights(traces: readonly Trace[]): number[] {
  const heights = new Map<number, number>();
  for (const { points } of traces)
    for (const [at, value] of points) heights.set(at, (heights.get(at) ?? 0) + Number(value ?? 0));
  return [...heights.values()];
}

function bounds(values: readonly number[], { min, max }: { min?: number; max?: number }): [number, number] {
  const low = min ?? Math.min(...values);
  const high = max ?? Math.max(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [min ?? low - room, max ?? high + room];
}

function times(plot: Box, { from, to }: TimeRange): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((share) => {
      const words = new Date(from + (to - from) * share)
        .toISOString()
        .slice(11, to - from < SECONDS_BELOW_MS ? 19 : 16);
      const look = {
        'font-size': 10,
        fill: THEME.dim,
        'text-anchor': share === 0 ? 'start' : share === 1 ? 'end' : 'middle',
      };
      return text(plot.x + plot.w * share, plot.y + plot.h + 14, words, look);
    })
    .join('');
}

function colorOf(answer: PanelAnswer, name: string, index: number): string {
  return color(lookOf(answer, name).color?.fixedColor, index);
}

function legend(answer: PanelAnswer, names: readonly string[], box: Box): string {
  if (names.length < 2) return '';
  let x = box.x + 8;
  return names
    .map((name, index) => {
      const words = cut(name, 130);
      const part = rect({ x, y: box.y + box.h - 12, w: 12, h: 3 }, colorOf(answer, name, index), 1);
      const label = text(x + 16, box.y + box.h - 7, words, { 'font-size': 10.5, fill: THEME.dim });
      x += 30 + words.length * 6.2;
      return x > box.x + box.w ? '' : part + label;
    })
    .join('');
}
