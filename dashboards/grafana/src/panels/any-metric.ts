import type { PanelDraft } from '../model.js';
import { series, THIS_DEVICE, table } from '../queries/influxql.js';
import { arranged, tablePanel } from './table.js';
import { timeSeries } from './time-series.js';

/** The latest value of whatever one device sends. */
export function latestOfAll(from: string): PanelDraft {
  return tablePanel({
    ...{ key: 'current values', title: 'Current values', w: 24, h: 4 },
    targets: [table(`SELECT last(*) FROM ${from} WHERE ${THIS_DEVICE} AND $timeFilter`)],
    transformations: [
      arranged([], ['Time']),
      { id: 'renameByRegex', options: { regex: '^last_(.*)$', renamePattern: '$1' } },
    ],
  });
}

/** The course of every number of one device. */
export function allNumbers(from: string): PanelDraft {
  const query =
    `SELECT mean(*) FROM ${from} WHERE ${THIS_DEVICE} AND $timeFilter ` +
    'GROUP BY time($__interval) fill(none)';
  return timeSeries({
    ...{ key: 'numbers', title: 'All numbers', w: 24, h: 10, interval: '1s', spanNulls: true },
    targets: [series(query, { alias: '$col' })],
  });
}
