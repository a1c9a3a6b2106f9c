import Type from 'typebox';
import { VALUE_TYPES } from '../codes.js';
import { choice, nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { MetricValue, Time } from './fields.js';

/** A metric of a device: its type, once that is fixed, and its latest reading. */
export const MetricView = Type.Object(
  {
    type: choice(VALUE_TYPES),
    unit: nullable(Type.String({ description: 'UCUM code, from the profile.', examples: ['Cel'] })),
    /** Null, like `value`, before the first reading. Only the value is null while the last one was of another type. */
    time: nullable(Time),
    value: nullable(MetricValue),
  },
  { title: 'Metric', description: 'The latest value is the one with the greatest time.' },
);
export type MetricView = DeepReadonly<Type.Static<typeof MetricView>>;
