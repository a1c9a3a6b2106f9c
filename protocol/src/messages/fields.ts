import Type from 'typebox';
import { BOOT_PATTERN, COMMAND_ID_PATTERN, DEVICE_ID_PATTERN, METRIC_NAME_PATTERN } from '../names.js';

/** Fields that several messages share. */
export const DeviceId = Type.String({ pattern: DEVICE_ID_PATTERN, examples: ['esp-7f3a'] });
export const Boot = Type.String({ pattern: BOOT_PATTERN, description: 'One start of the device' });
export const Seq = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Number of the message within its boot',
});
export const CommandId = Type.String({ pattern: COMMAND_ID_PATTERN });
export const MetricName = Type.String({ pattern: METRIC_NAME_PATTERN, examples: ['temperature'] });
export const TimeMs = Type.Integer({ minimum: 0, description: 'Milliseconds since 1970' });
export const UptimeMs = Type.Number({ minimum: 0, description: 'Milliseconds since the device booted' });

/** A finite number, a boolean, or a text of at most 256 bytes of UTF-8. */
export const Value = Type.Union([Type.Number(), Type.Boolean(), Type.String()]);
export type Value = Type.Static<typeof Value>;

/** A value as it travels: `null` says "no reading". */
export const ValueOrNull = Type.Union([Type.Number(), Type.Boolean(), Type.String(), Type.Null()]);
export type ValueOrNull = Type.Static<typeof ValueOrNull>;

/** Metric names to values. */
export const Values = Type.Record(Type.String({ pattern: METRIC_NAME_PATTERN }), ValueOrNull);
export type Values = Type.Static<typeof Values>;
