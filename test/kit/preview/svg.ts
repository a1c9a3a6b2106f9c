import { UNITS } from '@fieldline/protocol';
import type { FieldLook, PanelAnswer } from '../grafana-board.js';
import { isMeant } from '../grafana-table.js';

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Colours of Grafana's dark theme, and those of its palette that the boards name. */
export const THEME = {
  page: '#111217',
  panel: '#181b1f',
  line: '#2c3235',
  text: '#ccccdc',
  dim: '#8e8e9b',
} as const;
export const PALETTE = [
  '#73bf69',
  '#f2cc0c',
  '#8ab8ff',
  '#ff780a',
  '#f2495c',
  '#b877d9',
  '#5794f2',
  '#96d98d',
] as const;
const NAMED: Readonly<Record<string, string>> = {
  ...{
    green: '#73bf69',
    orange: '#ff9830',
    red: '#f2495c',
    blue: '#5794f2',
    text: THEME.text,
    purple: '#b877d9',
  },
  ...{
    yellow: '#fade2a',
    'dark-orange': '#fa6400',
    'super-light-blue': '#3b4a63',
    'super-light-green': '#c8f2c2',
  },
  ...{ 'semi-dark-blue': '#3274d9', 'light-purple': '#ca95e5' },
};

export function color(name: string | undefined, index = 0): string {
  return (name && (NAMED[name] ?? name)) || (PALETTE[index % PALETTE.length] as string);
}

export function text(
  x: number,
  y: number,
  words: string,
  look: Readonly<Record<string, string | number>> = {},
): string {
  const { fill = THEME.text, ...rest } = look;
  const attributes = Object.entries({ x: x.toFixed(1), y: y.toFixed(1), fill, ...rest });
  return `<text ${attributes.map(([name, value]) => `${name}="${value}"`).join(' ')}>${escaped(words)}</text>`;
}

export function rect({ x, y, w, h }: Box, fill: string, radius = 0): string {
  const place = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0, w).toFixed(1)}" height="${h.toFixed(1)}"`;
  return `<rect ${place} fill="${fill}" rx="${radius}"/>`;
}

export function line(points: readonly (readonly [number, number])[], stroke: string, more = ''): string {
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${stroke}" ${more}/>`;
}

/** What does not fit into so many pixels ends in dots. */
export function cut(words: string, width: number, size = 11): string {
  const most = Math.max(1, Math.floor(width / (size * 0.55)));
  return words.length <= most ? words : `${words.slice(0, most - 1)}…`;
}

/** What a panel says of one of its fields: its own look, and what overrides say. */
export function lookOf({ panel }: PanelAnswer, name: string): FieldLook {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const said = overrides
    .filter(({ matcher }) => isMeant(matcher, name))
    .flatMap(({ properties }) => properties);
  return { ...defaults, ...Object.fromEntries(said.map(({ id, value }) => [id, value])) };
}

const SYMBOLS = new Map([...UNITS].reverse().map(({ grafana, symbol }) => [grafana, symbol]));

/** A value as Grafana would write it, more or less. */
export function shown(value: unknown, { unit, decimals, mappings = [] }: FieldLook = {}): string {
  const mapped = mappings.map(({ options }) => options[String(value)]).find((found) => found !== undefined);
  if (mapped !== undefined) return mapped.text ?? String(value);
  if (typeof value !== 'number') return value === null || value === undefined ? '' : String(value);
  if (unit === 'percentunit') return `${(value * 100).toFixed(decimals ?? 1)} %`;
  if (unit === 'decbytes') return scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);
  if (unit === 's' && Math.abs(value) >= 90) return `${(value / 60).toFixed(1)} min`;
  if (unit === 's' && Math.abs(value) < 1 && value !== 0) return `${(value * 1000).toFixed(0)} ms`;
  const symbol =
    unit === undefined ? '' : (SYMBOLS.get(unit) ?? (unit === 'cps' ? '/s' : unit.replace(/^suffix:/, '')));
  const digits = decimals ?? (Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1);
  return `${value.toFixed(digits)}${symbol === '' ? '' : ` ${symbol}`}`;
}

function scaled(value: number, base: number, units: readonly string[]): string {
  const at = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log(Math.max(1, value)) / Math.log(base))),
  );
  return `${(value / base ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}

/** The colour of a value: its mapping's, else that of its threshold. */
export function valueColor(
  value: unknown,
  { mappings = [], thresholds, color: own }: FieldLook,
  index = 0,
): string {
  const mapped = mappings
    .map(({ options }) => options[String(value)]?.color)
    .find((found) => found !== undefined);
  if (mapped !== undefined) return color(mapped);
  const fixed = own?.mode === 'fixed' ? own.fixedColor : undefined;
  if (fixed !== undefined) return color(fixed);
  if (typeof value !== 'number' || thresholds === undefined) return color(undefined, index);
  const step = thresholds.steps.filter((one) => one.value === null || value >= one.value).at(-1);
  return color(step?.color, index);
}

/** A text as it stands in SVG. */
export function escaped(words: string): string {
  return words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
