import type { MetricProfile, Profile } from '@fieldline/protocol';
import type { PanelDraft } from '../model.js';
import { fieldOf, series, THIS_DEVICE } from '../queries/influxql.js';
import { metricBasis } from './metric-basis.js';
import { lookOf } from './metric-look.js';
import { stateTimeline } from './state-timeline.js';

/** The course of a text or a switch of one device. */
export function statePanel(profile: Profile, metric: MetricProfile, from: string): PanelDraft {
  return stateTimeline({
    ...metricBasis(profile, metric),
    ...{ w: 12, h: 4 },
    targets: [
      series(
        `SELECT last(${fieldOf(metric, profile)}) FROM ${from} WHERE ${THIS_DEVICE} AND $timeFilter ` +
          'GROUP BY time($__interval) fill(none)',
        { alias: metric.title },
      ),
    ],
    defaults: lookOf(metric),
  });
}
