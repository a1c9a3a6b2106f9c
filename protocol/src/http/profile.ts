import Type from 'typebox';
import { VALUE_TYPES } from '../codes.js';
import { choice, mapOf } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';
import { ProfileDocument } from '../profile/schema.js';
import { Time } from './fields.js';

/** A device profile as its file says it, and what an admin has changed since. */
export const ProfileView = Type.Object(
  {
    ...ProfileDocument.properties,
    retyped: mapOf(Type.Object({ type: choice(VALUE_TYPES), fixedAt: Time }), {
      description: 'Metrics whose type an admin has changed. It wins over `metrics`.',
    }),
  },
  { title: 'Profile', description: 'Device profile', additionalProperties: false },
);
export type ProfileView = Type.Static<typeof ProfileView>;

/** Gives a metric of a profile's devices another type. */
export const MetricChanges = Type.Object(
  { type: choice(VALUE_TYPES) },
  { title: 'MetricChanges', additionalProperties: false },
);
export type MetricChanges = DeepReadonly<Type.Static<typeof MetricChanges>>;

/** The type that a metric of a profile's devices has now. */
export const RetypedMetric = Type.Object(
  {
    profile: Type.String(),
    metric: Type.String(),
    type: choice(VALUE_TYPES),
    fixedAt: Type.Union([Time, Type.Null()], { description: "Null where it is the profile's own type." }),
  },
  { title: 'RetypedMetric' },
);
export type RetypedMetric = DeepReadonly<Type.Static<typeof RetypedMetric>>;
