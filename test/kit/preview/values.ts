import { type PanelAnswer, tracesOf } from '../grafana-board.js';
import { columnsOf, rowsOf, saidOf } from '../grafana-table.js';
import { type Box, cut, lookOf, rect, shown, THEME, text, valueColor } from './svg.js';

const ROW = 22;

/** Single values, large. */
export function stat(answer: PanelAnswer, box: Box): string {
  const found = answer.answers.flatMap(tracesOf).map(({ name, points }) => ({ name, value: lastOf(points) }));
  const all = found.length > 0 ? found : singles(answer);
  const perLine = Math.min(all.length, Math.max(1, Math.floor(box.w / 140)));
  const lines = Math.ceil(all.length / perLine);
  const cell = { w: box.w / perLine, h: (box.h - 6) / lines };
  return all
    .map(({ name, value }, at) => {
      const look = lookOf(answer, name);
      const x = box.x + (at % perLine) * cell.w + cell.w / 2;
      const y = box.y + Math.floor(at / perLine) * cell.h + cell.h / 2;
      const size = all.length === 1 ? 30 : 22;
      const style = { 'font-size': size, 'text-anchor': 'middle', fill: valueColor(value, look) };
      const label =
        all.length === 1
          ? ''
          : text(x, y - 16, cut(name, cell.w), { 'font-size': 11, fill: THEME.dim, 'text-anchor': 'middle' });
      return label + text(x, y + 10, cut(shown(value, look), cell.w, size), style);
    })
    .join('');
}

/** What answers without times, such as a count of series. */
function singles({ answers }: PanelAnswer): { name: string; value: unknown }[] {
  return answers.flatMap(({ series }) =>
    series.map(({ columns, values }) => ({ name: columns[0] ?? '', value: values[0]?.[0] })),
  );
}

/** Rows and columns, with what the panel joins, hides and renames. */
export function table(answer: PanelAnswer, box: Box): string {
  const rows = rowsOf(answer);
  const names = columnsOf(rows).filter((name) => saidOf(answer.panel, name, 'custom.hidden') !== true);
  const width = box.w / Math.max(1, names.length);
  const shownRows = rows.slice(0, Math.max(0, Math.floor((box.h - ROW - 8) / ROW)));
  const head = names.map((name, at) => {
    const words = String(lookOf(answer, name).displayName ?? name);
    return text(box.x + at * width + 8, box.y + 15, cut(words, width - 10), {
      'font-size': 11,
      fill: '#6e9fff',
    });
  });
  const body = shownRows.flatMap((row, line) => {
    const y = box.y + ROW * (line + 1);
    const rule = rect({ x: box.x, y, w: box.w, h: 1 }, THEME.line);
    const cells = names.map((name, at) => {
      const look = lookOf(answer, name);
      const isColoured = look.mappings !== undefined || look.thresholds !== undefined;
      const fill = isColoured ? valueColor(row[name], look) : THEME.text;
      const words = name === 'Time' ? timeOf(row[name]) : shown(row[name], look);
      return text(box.x + at * width + 8, y + 16, cut(words, width - 10), { 'font-size': 11.5, fill });
    });
    return [rule, ...cells];
  });
  return [...head, ...body].join('');
}

function timeOf(us: unknown): string {
  return new Date(Number(us) / 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function lastOf(points: readonly (readonly [number, unknown])[]): unknown {
  return points.findLast(([, value]) => value !== null)?.[1] ?? null;
}
