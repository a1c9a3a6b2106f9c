import type { TimeRange } from '../grafana.js';
import type { Board, PanelAnswer } from '../grafana-board.js';
import { positions, stateTimeline, timeSeries } from './charts.js';
import { type Box, color, escaped, rect, THEME, text } from './svg.js';
import { stat, table } from './values.js';

const COLUMN = 54;
const LINE = 34;
const GAP = 6;
const TOP = 46;
const ALERT = 20;

/** What is on a board beside the answers to its queries. */
export interface BoardLook {
  readonly range: TimeRange;
  /** What fires. */
  readonly alerts: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * A board with what InfluxDB answered, drawn as Grafana lays it out: not Grafana's own picture, which needs Grafana, and
 * near enough to it for a person to see what is on the board.
 */
export function boardSvg(
  { title, links }: Board,
  answers: readonly PanelAnswer[],
  { range, alerts, variables }: BoardLook,
): string {
  const height =
    TOP + LINE * Math.max(...answers.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h)) + GAP;
  const width = COLUMN * 24 + GAP;
  const parts = answers.map((answer) => panelSvg(answer, range, alerts));
  const chosen = Object.entries(variables).map(([name, value]) => `${name}: ${value}`);
  const beside = [...chosen, ...links.map((link) => `${link.title} ↗`)].join(' · ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="Inter, Helvetica, Arial, sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    rect({ x: 0, y: 0, w: width, h: height }, THEME.page),
    text(14, 29, title, { 'font-size': 17, 'font-weight': 600 }),
    text(width / 2, 29, beside, { 'font-size': 12, fill: '#6e9fff', 'text-anchor': 'middle' }),
    text(width - 14, 29, 'drawn from the answers of InfluxDB', {
      'font-size': 11,
      fill: THEME.dim,
      'text-anchor': 'end',
    }),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function panelSvg(answer: PanelAnswer, range: TimeRange, alerts: readonly string[]): string {
  const { type, title, gridPos } = answer.panel;
  const box: Box = {
    ...{ x: GAP + gridPos.x * COLUMN, y: TOP + gridPos.y * LINE },
    ...{ w: gridPos.w * COLUMN - GAP, h: gridPos.h * LINE - GAP },
  };
  if (type === 'row')
    return text(box.x + 8, box.y + 20, `⌄ ${title}`, { 'font-size': 14, 'font-weight': 600 });
  const inner = { x: box.x + 6, y: box.y + 32, w: box.w - 12, h: box.h - 36 };
  const head = text(box.x + 10, box.y + 20, title, { 'font-size': 12.5, 'font-weight': 600 });
  return (
    rect(box, THEME.panel, 3) +
    head +
    (type === 'alertlist' ? alertList(alerts, inner) : content(answer, type, inner, range))
  );
}

function content(answer: PanelAnswer, type: string, box: Box, range: TimeRange): string {
  if (type === 'timeseries') return timeSeries(answer, box, range);
  if (type === 'state-timeline') return stateTimeline(answer, box, range);
  if (type === 'stat') return stat(answer, box);
  if (type === 'table') return table(answer, box);
  if (type === 'geomap') return positions(answer, box);
  return text(box.x + 8, box.y + 20, answer.panel.options?.content ?? '', { fill: THEME.dim });
}

/** What fires, as far as there is room. */
function alertList(alerts: readonly string[], box: Box): string {
  const shown = alerts.slice(0, Math.floor(box.h / ALERT));
  return shown
    .map((words, at) => {
      const y = box.y + 14 + at * ALERT;
      return text(box.x + 8, y, '♥', { fill: color('red') }) + text(box.x + 28, y, words);
    })
    .join('');
}
