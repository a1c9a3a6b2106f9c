import { STALE_INTERVALS } from '@fieldline/protocol';
import type { PanelDraft } from '../model.js';
import { deviceGapMs, reportInterval } from '../queries/hub-reports.js';
import { lately, series, table } from '../queries/influxql.js';
import { arranged, column, tablePanel } from './table.js';
import { thresholds } from './thresholds.js';
import { timeSeries } from './time-series.js';

/** The hub calls a device stale from the third expected interval on. */
const OVERDUE = thresholds('green', [2, 'orange'], [STALE_INTERVALS, 'red']);

/** How old the newest reading of each device is, in expected intervals. */
export function freshnessTable(reportMs: number): PanelDraft {
  const query =
    'SELECT last("age") / last("interval") AS "intervals", last("age") AS "age", last("interval") AS "interval" ' +
    `FROM "fieldline_device" WHERE ${lately(deviceGapMs(reportMs))} GROUP BY "device", "profile"`;
  return tablePanel({
    ...{ key: 'freshness', title: 'Age of the newest reading', w: 12, h: 10 },
    description: 'A device is stale when nothing has come for three of its expected intervals.',
    targets: [table(query)],
    overrides: [
      column('device', 'Device'),
      column('profile', 'Profile'),
      column('age', 'Last reading ago', { unit: 's', decimals: 0 }),
      column('interval', 'Expected every', { unit: 's', decimals: 0 }),
      column('intervals', 'Intervals', {
        ...{ decimals: 1, min: 0, max: 4, thresholds: OVERDUE },
        'custom.cellOptions': { type: 'gauge', mode: 'basic' },
      }),
    ],
    transformations: [arranged(['device', 'profile', 'age', 'interval', 'intervals'], ['Time'])],
    sortBy: { displayName: 'Intervals', desc: true },
  });
}

/** How old it was. */
export function freshnessHistory(reportMs: number): PanelDraft {
  const query =
    'SELECT max("age") / max("interval") AS "intervals" FROM "fieldline_device" WHERE $timeFilter ' +
    'GROUP BY time($__interval), "device" fill(none)';
  return timeSeries({
    ...{ key: 'freshness history', title: 'Age in expected intervals', w: 12, h: 10 },
    interval: reportInterval(reportMs),
    targets: [series(query, { alias: '$tag_device' })],
    defaults: { min: 0, decimals: 1, thresholds: OVERDUE },
    thresholds: true,
  });
}

interface Trouble {
  readonly field: string;
  readonly title: string;
  readonly description: string;
}

const TROUBLES: readonly Trouble[] = [
  {
    field: 'gaps',
    title: 'Messages missing',
    description: 'Numbers that were left out when a later one came.',
  },
  { field: 'clock_repairs', title: 'Clock repairs', description: 'Readings whose time the hub repaired.' },
  { field: 'duplicates', title: 'Repeated messages', description: 'Sent again, and stored once.' },
  { field: 'rejected', title: 'Values refused', description: 'They are in the quarantine of the hub.' },
];

/** What went wrong with the messages of each device, and when. */
export function messageTroubles(reportMs: number): PanelDraft[] {
  return TROUBLES.map(({ field, title, description }) =>
    timeSeries({
      ...{ key: `trouble ${field}`, title, description, w: 12, h: 7, style: 'bars' },
      interval: reportInterval(reportMs),
      targets: [
        series(
          `SELECT non_negative_difference(last("${field}")) FROM "fieldline_device" WHERE $timeFilter ` +
            'GROUP BY time($__interval), "device" fill(none)',
          { alias: '$tag_device' },
        ),
      ],
      defaults: { min: 0, decimals: 0 },
    }),
  );
}
