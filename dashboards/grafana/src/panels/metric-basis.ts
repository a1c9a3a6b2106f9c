import type { MetricProfile, Profile } from '@fieldline/protocol';
import { duration } from '../queries/influxql.js';

/** Readings are not looked for oftener than once a second. */
const LEAST_MS = 1_000;

/** What the panel of a metric is called, and how wide its buckets are at least: none is empty only for being narrow. */
export function metricBasis({ intervalMs }: Profile, { name, title, description }: MetricProfile) {
  return {
    key: `metric ${name}`,
    title,
    ...(description === null ? {} : { description }),
    ...(intervalMs === null ? {} : { interval: duration(Math.max(LEAST_MS, intervalMs)) }),
  };
}
