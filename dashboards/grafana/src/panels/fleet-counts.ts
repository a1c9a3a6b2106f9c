import type { PanelDraft } from '../model.js';
import { reportGapMs, reportInterval } from '../queries/hub-reports.js';
import { lately, series, table } from '../queries/influxql.js';
import { stat } from './stat.js';
import { thresholds } from './thresholds.js';
import { timeSeries } from './time-series.js';

interface Count {
  readonly field: string;
  readonly title: string;
  readonly description: string;
  /** Colour from one device on; of none it is green. */
  readonly color: string;
}

const COUNTS: readonly Count[] = [
  { field: 'devices_online', title: 'Online', description: 'Devices that are connected.', color: 'green' },
  {
    field: 'devices_stale',
    title: 'Stale',
    description: 'Devices whose readings are overdue.',
    color: 'orange',
  },
  { field: 'devices_sleeping', title: 'Sleeping', description: 'Away, as they announced.', color: 'blue' },
  {
    field: 'devices_offline',
    title: 'Offline',
    description: 'Devices that are not connected.',
    color: 'red',
  },
  {
    field: 'devices_flapping',
    title: 'Flapping',
    description: 'They connect again and again.',
    color: 'orange',
  },
  { field: 'alarms_raised', title: 'Alarms', description: 'Raised, and not acknowledged.', color: 'red' },
];

/** When the hub wrote of itself last: whether what stands beside it is how things are. */
export function lastHeard(): PanelDraft {
  return stat({
    ...{ key: 'last heard', title: 'Hub last heard', w: 6, h: 4, fields: '/^Time$/' },
    description: 'When the hub wrote of itself last. While it is silent nothing is known of the devices.',
    targets: [table('SELECT last("readings") AS "readings" FROM "fieldline_hub" WHERE $timeFilter')],
    defaults: { unit: 'dateTimeFromNow', noValue: 'not in this range' },
  });
}

/** How many devices are in each state now; nothing while the hub is silent. */
export function fleetCounts(reportMs: number): PanelDraft[] {
  return COUNTS.map(({ field, title, description, color }) =>
    stat({
      ...{ key: `count ${field}`, title, description, w: 3, h: 4 },
      targets: [
        series(`SELECT last("${field}") FROM "fieldline_hub" WHERE ${lately(reportGapMs(reportMs))}`, {
          alias: title,
        }),
      ],
      defaults: {
        decimals: 0,
        thresholds: thresholds(field === 'devices_online' ? 'red' : 'green', [1, color]),
      },
    }),
  );
}

/** How many devices were in each state. */
export function fleetHistory(reportMs: number): PanelDraft {
  const fields = ['devices_online', 'devices_sleeping', 'devices_offline'];
  const selected = fields.map((field) => `mean("${field}") AS "${field.slice('devices_'.length)}"`);
  return timeSeries({
    ...{ key: 'fleet history', title: 'Devices', w: 12, h: 8, style: 'stacked' },
    ...{ interval: reportInterval(reportMs), spanNulls: reportGapMs(reportMs) },
    targets: [
      series(
        `SELECT ${selected.join(', ')} FROM "fieldline_hub" WHERE $timeFilter GROUP BY time($__interval) fill(null)`,
        { alias: '$col' },
      ),
    ],
    defaults: { min: 0, decimals: 0 },
  });
}
