import type { MetricProfile, Profile } from '@fieldline/protocol';
import type { PanelDraft } from '../model.js';
import type { GenerateOptions } from '../options.js';
import { anyOf, identifier, refId, series, source, table } from '../queries/influxql.js';
import { column, largestOf, tablePanel } from './table.js';
import { thresholds } from './thresholds.js';
import { timeSeries } from './time-series.js';

/** A profile that says how often readings are expected, and the metric by which they are counted. */
interface Expected {
  readonly profile: Profile;
  readonly intervalMs: number;
  readonly metric: MetricProfile;
}

const LIMITS = thresholds('red', [90, 'orange'], [98, 'green']);

/**
 * Readings are counted by the first metric of the profile: it is what its devices always send. One that was given
 * another type has two fields, which cannot be counted as one.
 */
function expectedOf(profiles: readonly Profile[], { retyped }: GenerateOptions): Expected[] {
  return profiles.flatMap((profile) => {
    const changed = retyped.get(profile.name);
    const metric = [...profile.metrics.values()].find(({ name }) => changed?.has(name) !== true);
    const { intervalMs } = profile;
    return metric === undefined || intervalMs === null ? [] : [{ profile, intervalMs, metric }];
  });
}

/**
 * Readings of each device as a part of those that were expected, over the whole range. A device that sent nothing has no
 * row in the measurement of its profile: it is there by what the hub writes of it.
 */
export function completenessTable(profiles: readonly Profile[], options: GenerateOptions): PanelDraft {
  const expected = expectedOf(profiles, options);
  const received = expected.map(({ profile, intervalMs, metric }) => {
    const count = `count(${identifier(metric.name)})`;
    return (
      `SELECT ${count} AS "received", $__range_ms / ${intervalMs} + 0 * ${count} AS "expected", ` +
      `${count} * ${100 * intervalMs} / $__range_ms AS "complete" FROM ${source(profile, options.influxVersion)} ` +
      'WHERE $timeFilter GROUP BY "device"'
    );
  });
  const silent =
    'SELECT 0 * last("received") AS "received", $__range_ms / 1000 / last("interval") AS "expected", ' +
    '0 * last("received") AS "complete" FROM "fieldline_device" ' +
    `WHERE "profile" =~ ${anyOf(expected.map(({ profile }) => profile.name))} AND $timeFilter GROUP BY "device"`;
  const queries = expected.length === 0 ? [] : [...received, silent];
  return tablePanel({
    ...{ key: 'completeness', title: 'Expected and received in this range', w: 12, h: 10 },
    description: 'By the times of the readings: what a device sends late fills its gap.',
    targets: queries.map((query, at) => table(query, refId(at))),
    overrides: [
      column('device', 'Device'),
      column('received (max)', 'Received', { decimals: 0 }),
      column('expected (max)', 'Expected', { decimals: 0 }),
      column('complete (max)', 'Complete', {
        ...{ unit: 'percent', decimals: 1, min: 0, max: 100, thresholds: LIMITS },
        'custom.cellOptions': { type: 'gauge', mode: 'basic' },
      }),
    ],
    transformations: [
      { id: 'merge', options: {} },
      // A device that sent something has two rows, and this one is not the zero.
      largestOf('device', ['expected', 'received', 'complete']),
    ],
    sortBy: { displayName: 'Complete', desc: false },
  });
}

/** The same over time. */
export function completenessHistory(profiles: readonly Profile[], options: GenerateOptions): PanelDraft {
  const targets = expectedOf(profiles, options).map(({ profile, intervalMs, metric }, at) =>
    series(
      `SELECT count(${identifier(metric.name)}) * ${100 * intervalMs} / $__interval_ms FROM ` +
        `${source(profile, options.influxVersion)} WHERE $timeFilter GROUP BY time($__interval), "device" fill(0)`,
      { refId: refId(at), alias: '$tag_device' },
    ),
  );
  return timeSeries({
    ...{ key: 'completeness history', title: 'Received, of what was expected', w: 12, h: 10, interval: '5m' },
    description:
      'The first and the last interval are cut off by the range, and show less. Devices that sent nothing are in the table.',
    targets,
    defaults: { unit: 'percent', min: 0, max: 110, decimals: 0, thresholds: LIMITS },
    thresholds: true,
  });
}
