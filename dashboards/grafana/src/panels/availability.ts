import type { PanelDraft } from '../model.js';
import { series, table } from '../queries/influxql.js';
import { CONNECTION_LOOK } from './connection.js';
import { stateTimeline } from './state-timeline.js';
import { arranged, column, tablePanel } from './table.js';

/** When each device was there. */
export function availabilityHistory(): PanelDraft {
  const query =
    'SELECT last("state") FROM "fieldline_device" WHERE $timeFilter ' +
    'GROUP BY time($__interval), "device" fill(none)';
  return stateTimeline({
    ...{ key: 'availability', title: 'Availability', w: 24, h: 10, interval: '10s', perPage: 20 },
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
        thresholds: {
          mode: 'absolute',
          steps: [
            { color: 'red', value: null },
            { color: 'orange', value: 0.9 },
            { color: 'green', value: 0.99 },
          ],
        },
      }),
    ],
    transformations: [arranged(['device', 'availability'], ['Time'])],
    sortBy: { displayName: 'Available', desc: false },
  });
}
