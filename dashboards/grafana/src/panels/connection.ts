import type { PanelDraft } from '../model.js';
import { deviceGapMs, reportInterval } from '../queries/hub-reports.js';
import { lately, series, THIS_DEVICE, table } from '../queries/influxql.js';
import { namedStates } from './named-states.js';
import { stat } from './stat.js';
import { stateTimeline } from './state-timeline.js';
import { arranged, column, tablePanel } from './table.js';
import { thresholds } from './thresholds.js';
import { timeSeries } from './time-series.js';

/** How the states of a device's connection look; their names are those of the hub's measurement `fieldline_device`. */
export const CONNECTION_LOOK = namedStates({
  online: 'green',
  stale: 'orange',
  sleeping: 'blue',
  offline: 'red',
});

/** Whether one device was there. */
export function connectionPanel(reportMs: number): PanelDraft {
  const query =
    `SELECT last("state") FROM "fieldline_device" WHERE ${THIS_DEVICE} AND $timeFilter ` +
    'GROUP BY time($__interval) fill(none)';
  return stateTimeline({
    ...{ key: 'connection', title: 'Connection', w: 12, h: 4, interval: reportInterval(reportMs) },
    insertNulls: deviceGapMs(reportMs),
    description: 'Online, stale (connected, and its readings are overdue), sleeping, or offline.',
    targets: [series(query, { alias: 'Connection' })],
    defaults: CONNECTION_LOOK,
  });
}

/** What is known of one device beside its readings. */
export function deviceFacts(reportMs: number): PanelDraft {
  const query =
    'SELECT last("firmware") AS "firmware", last("age") AS "age", last("interval") AS "interval", ' +
    'last("reboots") AS "reboots", last("gaps") AS "gaps", last("clock_repairs") AS "clock_repairs", ' +
    `last("rejected") AS "rejected" FROM "fieldline_device" WHERE ${THIS_DEVICE} AND ${lately(deviceGapMs(reportMs))}`;
  return tablePanel({
    ...{ key: 'facts', title: 'Device', w: 18, h: 4 },
    description: 'Counters are since the device was registered.',
    targets: [table(query)],
    overrides: [
      column('firmware', 'Firmware'),
      column('age', 'Last reading ago', { unit: 's' }),
      column('interval', 'Expected every', { unit: 's' }),
      column('reboots', 'Reboots'),
      column('gaps', 'Messages missing'),
      column('clock_repairs', 'Clock repairs'),
      column('rejected', 'Values refused'),
    ],
    // Of what is taken from several fields InfluxDB says the beginning of the range.
    transformations: [arranged([], ['Time'])],
  });
}

/** How often one device was rebooted within the range. */
export function rebootCount(): PanelDraft {
  const query = `SELECT spread("reboots") FROM "fieldline_device" WHERE ${THIS_DEVICE} AND $timeFilter`;
  return stat({
    ...{ key: 'reboot count', title: 'Reboots in this range', w: 6, h: 4 },
    targets: [series(query, { alias: 'Reboots' })],
    defaults: { decimals: 0, thresholds: thresholds('green', [1, 'orange']) },
  });
}

/** When one device was rebooted. */
export function reboots(reportMs: number): PanelDraft {
  const query =
    `SELECT non_negative_difference(last("reboots")) FROM "fieldline_device" WHERE ${THIS_DEVICE} AND $timeFilter ` +
    'GROUP BY time($__interval) fill(none)';
  return timeSeries({
    ...{ key: 'reboots', title: 'Reboots', w: 12, h: 4, style: 'bars', legend: false },
    interval: reportInterval(reportMs),
    targets: [series(query, { alias: 'Reboots' })],
    defaults: { decimals: 0, min: 0 },
  });
}
