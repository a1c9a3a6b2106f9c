import Type from 'typebox';
import { VALUE_TYPES } from '../codes.js';
import { choice, mapOf, nullable } from '../combinators.js';
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

/** A profile in YAML that nobody uses yet. */
export const ProfileDraft = Type.Object(
  {
    yaml: Type.String({ maxLength: 65_536, description: 'What would stand in the file of the profile.' }),
  },
  { title: 'ProfileDraft', additionalProperties: false },
);
export type ProfileDraft = DeepReadonly<Type.Static<typeof ProfileDraft>>;

/** What is wrong with a profile, and where; or the profile, where nothing is. */
export const ProfileCheck = Type.Object(
  {
    profile: nullable(ProfileView),
    problems: Type.Array(
      Type.Object({
        line: Type.Integer({ description: 'From 1.' }),
        column: Type.Integer({ description: 'From 1.' }),
        path: Type.String({
          description: 'Such as `metrics.temperature.min`; empty for the file as a whole.',
        }),
        reason: Type.String(),
        allowed: Type.Optional(Type.String({ description: 'What would be right.' })),
      }),
    ),
  },
  { title: 'ProfileCheck' },
);
export type ProfileCheck = Type.Static<typeof ProfileCheck>;
