import Type from 'typebox';
import { type Cap, LOG_LEVELS, RESULT_STATUSES } from '../codes.js';
import { choice } from '../combinators.js';
import { LIMITS } from '../limits.js';
import { Boot, CommandId, MetricName, Seq, TimeMs, UptimeMs, ValueOrNull, Values } from './fields.js';

/** Messages from a device to the hub (protocol §1.2). Unknown fields are ignored. */

/** Introduces the device. Everything is optional: a device may send it only to log in with `token`. */
export const Hello = Type.Object(
  {
    type: Type.Literal('hello'),
    boot: Type.Optional(Boot),
    seq: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Highest number assigned so far in this boot, 0 for none',
      }),
    ),
    firmware: Type.Optional(Type.String({ description: 'At most 128 bytes of UTF-8' })),
    profile: Type.Optional(Type.String({ description: 'Counts only while the registry has none' })),
    caps: Type.Optional(
      Type.Array(Type.Unsafe<Cap>(Type.String({ description: 'command, config, reconnect, parallel' }))),
    ),
    rxMax: Type.Optional(
      Type.Integer({ minimum: LIMITS.minRxMaxBytes, description: 'Longest frame it can take, in bytes' }),
    ),
    uptime: Type.Optional(UptimeMs),
    config: Type.Optional(Type.Integer({ minimum: 0, description: 'Version of the config it runs' })),
    sleep: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          'Longest time between two of its connections, ms: it sleeps then. 0, or none: it does not',
      }),
    ),
    token: Type.Optional(Type.String({ maxLength: LIMITS.tokenBytes })),
  },
  { description: 'Introduces the device' },
);
export type Hello = Type.Static<typeof Hello>;

const envelope = {
  type: Type.Literal('telemetry'),
  seq: Type.Optional(Seq),
  boot: Type.Optional(Boot),
};

/** One reading. */
export const TelemetryValues = Type.Object(
  { ...envelope, time: Type.Optional(TimeMs), uptime: Type.Optional(UptimeMs), values: Values },
  { description: 'One reading' },
);

/** Several readings, each a pair of time and values. */
export const TelemetryRows = Type.Object(
  {
    ...envelope,
    clock: Type.Optional(Type.Literal('uptime', { description: 'The rows carry uptimes, not times' })),
    rows: Type.Array(Type.Tuple([Type.Number(), Values]), { description: '[time, values]' }),
  },
  { description: 'Several readings' },
);

/** Several readings by column. `dt` holds differences to the previous row's time, the first one to `t0`. */
export const TelemetryColumns = Type.Object(
  {
    ...envelope,
    t0: Type.Optional(TimeMs),
    uptime: Type.Optional(UptimeMs),
    dt: Type.Array(Type.Integer({ description: 'Milliseconds after the previous row' })),
    columns: Type.Record(MetricName, Type.Array(ValueOrNull)),
  },
  { description: 'Several readings by column' },
);

/** Readings, in one of three shapes. With `seq` and a boot they are acked; without, best effort. */
export const Telemetry = Type.Union([TelemetryValues, TelemetryRows, TelemetryColumns]);
export type Telemetry = Type.Static<typeof Telemetry>;

/** Answers a command. A repeated one that the device does not remember: `error` with code `unknown_id`. */
export const Result = Type.Object(
  {
    type: Type.Literal('result'),
    id: CommandId,
    status: choice(RESULT_STATUSES),
    result: Type.Optional(Type.Unknown({ description: 'At most 512 bytes as JSON' })),
    code: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
  },
  { description: 'Answers a command' },
);
export type Result = Type.Static<typeof Result>;

/** Says which configuration the device runs, or why it refuses the desired one. */
export const ConfigReport = Type.Object(
  {
    type: Type.Literal('config'),
    version: Type.Integer({ minimum: 0 }),
    ok: Type.Boolean(),
    reported: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    code: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
  },
  { description: 'Reports the running configuration' },
);
export type ConfigReport = Type.Static<typeof ConfigReport>;

/** A line for the device's log. */
export const LogLine = Type.Object(
  {
    type: Type.Literal('log'),
    level: Type.Optional(choice(LOG_LEVELS)),
    message: Type.String(),
  },
  { description: "A line for the device's log" },
);
export type LogLine = Type.Static<typeof LogLine>;

/** Asks for the time. */
export const TimeRequest = Type.Object(
  { type: Type.Literal('time'), uptime: UptimeMs },
  { description: 'Asks for the time' },
);
export type TimeRequest = Type.Static<typeof TimeRequest>;

/** Any message from a device that has a `type`. */
export const DeviceMessage = Type.Union([Hello, Telemetry, Result, ConfigReport, LogLine, TimeRequest]);
export type DeviceMessage = Type.Static<typeof DeviceMessage>;
