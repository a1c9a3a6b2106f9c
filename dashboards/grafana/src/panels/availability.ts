import type { PanelDraft } from '../model.js';
import { deviceGapMs, reportInterval } from '../queries/hub-reports.js';
import { series, table } from '../queries/influxql.js';
import { CONNECTION_LOOK } from './connection.js';
import { stateTimeline } from './state-timeline.js';
import { arranged, column, tablePanel } from './table.js';
import { thresholds } from './thresholds.js';

/** When each device was there. */
export function availabilityHistory(reportMs: number): PanelDraft {
  const query =
    'SELECT last("state") FROM "fieldline_device" WHERE $timeFilter ' +
    'GROUP BY time($__interval), "device" fill(none)';
  return stateTimeline({
    ...{ key: 'availability', title: 'Availability', w: 24, h: 10, perPage: 20 },
    // Of a large fleet each device is written of in its turn.
    insertNulls: deviceGapMs(reportMs),
    interval: reportInterval(reportMs),
    targets: [series(query, { alias: '$tag_device' })],
    defaults: CONNECTION_LOOK,
  });
}

/** The ten devices that were away longest. */
export function worstTen(): PanelDraft {
  const query =
    'SELECT bottom("availability", "device", 10) AS "availability" FROM ' +
    '(SELECT mean("online") AS "availability" FROM "fieldline_device" WHERE $timeFilter GROUP BY "device") ' +
    'WHERE $timeFilter';
  return tablePanel({
    ...{ key: 'worst ten', title: 'Worst ten', w: 12, h: 8 },
    description: 'The part of the range of time that they were connected for.',
    targets: [table(query)],
    overrides: [
      column('device', 'Device'),
      column('availability', 'Available', {
        unit: 'percentunit',
        decimals: 1,
        min: 0,
        max: 1,
        'custom.cellOptions': { type: 'gauge', mode: 'basic' },
        thresholds: thresholds('red', [0.9, 'orange'], [0.99, 'green']),
      }),
    ],
    transformations: [arranged(['device', 'availability'], ['Time'])],
    sortBy: { displayName: 'Available', desc: false },
  });
}
