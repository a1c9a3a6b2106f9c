import type { MetricProfile, Profile } from '@fieldline/protocol';
import type { Override, PanelDraft } from '../model.js';
import { fieldOf, refId, series, THIS_DEVICE } from '../queries/influxql.js';
import { lookOf } from './metric-look.js';
import { stat } from './stat.js';

/** The latest value of every metric of one device. */
export function currentValues(profile: Profile, from: string): PanelDraft {
  const metrics = [...profile.metrics.values()];
  const titles = titlesOf(metrics);
  const query = (metric: MetricProfile) =>
    `SELECT last(${fieldOf(metric, profile)}) FROM ${from} WHERE ${THIS_DEVICE} AND $timeFilter`;
  return stat({
    ...{ key: 'current values', title: 'Current values', w: 24, h: metrics.length > 8 ? 7 : 4 },
    description: 'The latest value of each metric within the range of time.',
    targets: metrics.map((metric, at) =>
      series(query(metric), { refId: refId(at), alias: titles[at] as string }),
    ),
    fields: `/^(${titles.map((title) => title.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')})$/`,
    overrides: metrics.map((metric, at) => override(titles[at] as string, metric)),
    names: true,
  });
}

/** Names of the series. Titles may be equal; names are not. */
function titlesOf(metrics: readonly MetricProfile[]): string[] {
  const seen = new Map<string, number>();
  for (const { title } of metrics) seen.set(title, (seen.get(title) ?? 0) + 1);
  return metrics.map(({ title, name }) => (seen.get(title) === 1 ? title : `${title} (${name})`));
}

function override(series: string, metric: MetricProfile): Override {
  const { description: _, ...look } = lookOf(metric);
  return {
    matcher: { id: 'byName', options: series },
    properties: Object.entries(look).map(([id, value]) => ({ id, value })),
  };
}
