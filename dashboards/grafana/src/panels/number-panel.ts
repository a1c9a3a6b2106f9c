import type { MetricProfile, Profile } from '@fieldline/protocol';
import type { PanelDraft } from '../model.js';
import { fieldOf, series, THIS_DEVICE } from '../queries/influxql.js';
import { metricBasis } from './metric-basis.js';
import { hasLimits, lookOf } from './metric-look.js';
import { timeSeries } from './time-series.js';

/** A silence of so many expected intervals is a gap in the line. */
const GAP_INTERVALS = 3;

/** The course of a number of one device, with its limits. */
export function numberPanel(profile: Profile, metric: MetricProfile, from: string): PanelDraft {
  const { intervalMs } = profile;
  return timeSeries({
    ...metricBasis(profile, metric),
    ...{ w: 12, h: 7 },
    targets: [
      series(
        `SELECT mean(${fieldOf(metric, profile)}) FROM ${from} WHERE ${THIS_DEVICE} AND $timeFilter ` +
          'GROUP BY time($__interval) fill(null)',
        { alias: metric.title },
      ),
    ],
    defaults: lookOf(metric),
    thresholds: hasLimits(metric),
    spanNulls: intervalMs === null ? true : GAP_INTERVALS * intervalMs,
    legend: false,
  });
}
