import type { FieldDefaults, PanelDraft } from '../model.js';
import { reportGapMs, reportInterval } from '../queries/hub-reports.js';
import { refId, series, table } from '../queries/influxql.js';
import { namedStates } from './named-states.js';
import { stat } from './stat.js';
import { stateTimeline } from './state-timeline.js';
import { timeSeries } from './time-series.js';

interface LevelsDraft {
  readonly key: string;
  readonly title: string;
  readonly description?: string;
  readonly fields: readonly (readonly [field: string, alias: string])[];
  readonly defaults: FieldDefaults;
}

/** Fields of `fieldline_hub` that stand at some level. */
function levels(reportMs: number, { fields, ...draft }: LevelsDraft): PanelDraft {
  return timeSeries({
    ...{ w: 12, h: 8, interval: reportInterval(reportMs), spanNulls: reportGapMs(reportMs), ...draft },
    targets: fields.map(([field, alias], at) =>
      series(
        `SELECT max("${field}") FROM "fieldline_hub" WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
        {
          ...{ refId: refId(at), alias },
        },
      ),
    ),
  });
}

/** How long the hub takes until readings are safe, and what it is made of. */
export function hubLevels(reportMs: number): PanelDraft[] {
  return [
    levels(reportMs, {
      ...{ key: 'sync', title: 'Sync latency of the journal', defaults: { unit: 'ms', min: 0 } },
      description: 'How long it takes until readings are on disk. Acks wait for it.',
      fields: [
        ['sync_median_ms', 'median'],
        ['sync_p99_ms', '99th percentile'],
      ],
    }),
    levels(reportMs, {
      ...{ key: 'journal', title: 'Journal', defaults: { unit: 'decbytes', min: 0 } },
      fields: [
        ['journal_bytes', 'size'],
        ['journal_max_bytes', 'most'],
      ],
    }),
    levels(reportMs, {
      ...{ key: 'memory', title: 'Memory of the hub', defaults: { unit: 'decbytes', min: 0 } },
      fields: [['memory_bytes', 'resident']],
    }),
    levels(reportMs, {
      ...{ key: 'busy', title: 'Busy', defaults: { unit: 'percentunit', min: 0, max: 1 } },
      description: "The part of time that the hub's event loop worked for.",
      fields: [['busy', 'event loop']],
    }),
  ];
}

/** How far behind each sink is. */
export function sinkLag(reportMs: number): PanelDraft {
  const query =
    'SELECT max("lag") FROM "fieldline_sink" WHERE $timeFilter GROUP BY time($__interval), "sink" fill(none)';
  return timeSeries({
    ...{ key: 'lag', title: 'Lag of the sinks', w: 12, h: 8 },
    ...{ interval: reportInterval(reportMs), spanNulls: reportGapMs(reportMs) },
    description: 'Readings in the journal that the sink has not confirmed.',
    targets: [series(query, { alias: '$tag_sink' })],
    defaults: { min: 0, decimals: 0 },
  });
}

/** How each sink does. */
export function sinkStates(reportMs: number): PanelDraft {
  const query =
    'SELECT last("state") FROM "fieldline_sink" WHERE $timeFilter GROUP BY time($__interval), "sink" fill(none)';
  return stateTimeline({
    ...{ key: 'sink states', title: 'Sinks', w: 18, h: 5, interval: reportInterval(reportMs) },
    insertNulls: reportGapMs(reportMs),
    targets: [series(query, { alias: '$tag_sink' })],
    defaults: namedStates({ running: 'green', starting: 'blue', retrying: 'orange', holding: 'red' }),
  });
}

/** How many series InfluxDB keeps: what its memory goes by. */
export function seriesCardinality(): PanelDraft {
  return stat({
    ...{ key: 'cardinality', title: 'Series in InfluxDB', w: 6, h: 5 },
    description: 'An estimate of InfluxDB. It grows with devices and with the tags of influx.tags.',
    targets: [table('SHOW SERIES CARDINALITY')],
    defaults: { decimals: 0 },
  });
}
