import Type from 'typebox';
import { nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { DeviceId, MetricName, type Value } from '../messages/fields.js';
import { MetricValue } from './fields.js';

/** A bucket of `aggregate=mean`; `t` is its start, ms since 1970. */
export type MeanPoint = readonly [t: number, mean: number, min: number, max: number, count: number];

/** A bucket of any other aggregate, or a reading of `raw`; `t` in ms since 1970. */
export type ValuePoint = readonly [t: number, value: Value];

export const HistoryPoint = Type.Unsafe<MeanPoint | ValuePoint>({
  type: 'array',
  minItems: 2,
  maxItems: 5,
  items: MetricValue,
  description:
    '`[t,mean,min,max,count]` for `mean`, `[t,value]` otherwise; `t` is the start of the bucket, ms.',
});
export type HistoryPoint = Type.Static<typeof HistoryPoint>;

/** The history of one metric, or the part of it that fits into one answer (protocol §3 "History"). */
export const HistoryView = Type.Object(
  {
    device: DeviceId,
    metric: MetricName,
    /** UCUM code, from the profile. */
    unit: nullable(Type.String()),
    interval: Type.Number({ description: 'Width of a bucket, ms; 0 for `raw`.' }),
    points: Type.Array(HistoryPoint, { description: 'Ascending; empty buckets are absent.' }),
    /** The `cursor` of the part after this one; null at the end. */
    next: nullable(Type.String()),
  },
  {
    title: 'Telemetry',
    examples: [
      {
        device: 'esp-7f3a',
        metric: 'temperature',
        unit: 'Cel',
        interval: 172800,
        points: [[1767225600000, 21.5, 21.4, 21.7, 17]],
        next: null,
      },
    ],
  },
);
export type HistoryView = DeepReadonly<Type.Static<typeof HistoryView>>;
