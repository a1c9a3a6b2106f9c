import Type from 'typebox';
import { choice } from '../combinators.js';
import type { Value } from '../messages/fields.js';
import { METRIC_NAME_PATTERN, PROFILE_NAME_PATTERN } from '../names.js';
import { DURATION_PATTERN } from './duration.js';

/** The YAML file of a device profile, as a JSON Schema. What keys mean for each other is in check.ts. */

/** `integer` is a number that is stored as a 64-bit integer. */
export const METRIC_TYPES = ['number', 'integer', 'boolean', 'string'] as const;
export type DeclaredType = (typeof METRIC_TYPES)[number];

/** The signals that the simulator can make; see {@link SignalDocument} for the fields of each. */
export const WAVES = ['sine', 'diurnal', 'walk', 'steps', 'noise', 'constant', 'toggle'] as const;
export type Wave = (typeof WAVES)[number];

const closed = { additionalProperties: false };

const Title = Type.String({ minLength: 1, maxLength: 128 });
const Description = Type.String({ maxLength: 1_024 });
const Unit = Type.String({ minLength: 1, maxLength: 32, description: 'UCUM code' });
const Duration = Type.String({ pattern: DURATION_PATTERN, description: 'such as 250ms, 10s, 5m, 24h' });
const Scalar = Type.Unsafe<Value>({ type: ['number', 'boolean', 'string'] });
const DeclaredTypeName = choice(METRIC_TYPES);

/** When a metric is worth a look (`warn`) or an alarm (`alarm`). */
export const ThresholdDocument = Type.Object(
  {
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
    equals: Type.Optional(Scalar),
    hysteresis: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'how far back behind above or below a value clears' }),
    ),
    for: Type.Optional(Duration),
  },
  closed,
);

export const MetricDocument = Type.Object(
  {
    type: DeclaredTypeName,
    unit: Type.Optional(Unit),
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    decimals: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
    enum: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 64 })),
    warn: Type.Optional(ThresholdDocument),
    alarm: Type.Optional(ThresholdDocument),
  },
  closed,
);

/** A parameter of a command, or a key of the device's configuration. */
export const ParamDocument = Type.Object(
  {
    type: DeclaredTypeName,
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    unit: Type.Optional(Unit),
    required: Type.Optional(Type.Boolean()),
    default: Type.Optional(Scalar),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    enum: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 64 })),
  },
  closed,
);

/** What telemetry must show after a command succeeded. `equals: $on` stands for the parameter `on`. */
export const ExpectDocument = Type.Object(
  {
    metric: Type.String({ pattern: METRIC_NAME_PATTERN }),
    equals: Scalar,
    tolerance: Type.Optional(Type.Number({ minimum: 0 })),
    within: Type.Optional(Duration),
  },
  closed,
);

export const CommandDocument = Type.Object(
  {
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    params: Type.Optional(Type.Record(Type.String(), ParamDocument)),
    timeout: Type.Optional(Duration),
    expect: Type.Optional(ExpectDocument),
    danger: Type.Optional(
      Type.Boolean({ description: 'No second command undoes it: the page asks with the way back in focus.' }),
    ),
  },
  closed,
);

/**
 * How the simulator makes a metric's values. Every value is rounded to the metric's `decimals` (or to an
 * integer) and kept within its `min` and `max`.
 *
 * - `sine`: `mean` + `amplitude` × sin(2π t / `period`); each device starts at a phase of its own.
 * - `diurnal`: the same over 24 h (or `period`) with all devices in step: the maximum at two thirds of it.
 * - `walk`: starts at `mean`, moves by at most `step` each reading, drawn back to stay within
 *   `mean` ± `amplitude`.
 * - `steps`: goes round `values`, holding each for `every`. Any type.
 * - `noise`: uniform within `mean` ± `amplitude`.
 * - `constant`: `mean`, or the one entry of `values`. Any type.
 * - `toggle`: a boolean that changes with `probability` at each reading, or once per `every`.
 *
 * `noise` adds a normal deviation with this standard deviation to any numeric wave. `dropout` is the
 * probability that a reading lacks the metric.
 */
export const SignalDocument = Type.Object(
  {
    wave: choice(WAVES),
    mean: Type.Optional(Type.Number()),
    amplitude: Type.Optional(Type.Number({ minimum: 0 })),
    period: Type.Optional(Duration),
    noise: Type.Optional(Type.Number({ minimum: 0 })),
    step: Type.Optional(Type.Number({ minimum: 0 })),
    values: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 256 })),
    every: Type.Optional(Duration),
    probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    dropout: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  closed,
);

/** A whole profile file. */
export const ProfileDocument = Type.Object(
  {
    profile: Type.String({ pattern: PROFILE_NAME_PATTERN }),
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    mode: Type.Optional(choice(['learn', 'strict'])),
    interval: Type.Optional(Duration),
    retention: Type.Optional(Duration),
    metrics: Type.Record(Type.String(), MetricDocument),
    commands: Type.Optional(Type.Record(Type.String(), CommandDocument)),
    config: Type.Optional(Type.Record(Type.String(), ParamDocument)),
    simulate: Type.Optional(Type.Record(Type.String(), SignalDocument)),
  },
  { ...closed, title: 'Profile', description: 'Device profile' },
);
export type ProfileDocument = Type.Static<typeof ProfileDocument>;
export type MetricDocument = Type.Static<typeof MetricDocument>;
export type ParamDocument = Type.Static<typeof ParamDocument>;
export type CommandDocument = Type.Static<typeof CommandDocument>;
export type ExpectDocument = Type.Static<typeof ExpectDocument>;
export type ThresholdDocument = Type.Static<typeof ThresholdDocument>;
export type SignalDocument = Type.Static<typeof SignalDocument>;
