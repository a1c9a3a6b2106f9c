import Type from 'typebox';
import { TelemetryColumns, TelemetryRows, TelemetryValues } from './device.js';
import { Boot, Seq, TimeMs, Value, Values } from './fields.js';

/** Payloads of MQTT topics that are no messages of the sockets (protocol §4). */

/** Of `…/hub/status`. */
export const HubStatus = Type.Object(
  { online: Type.Boolean(), time: TimeMs },
  { description: 'Whether the hub is there; the will says that it is not' },
);
export type HubStatus = Type.Static<typeof HubStatus>;

/** Of `…/devices/<id>/status`. */
export const DeviceStatus = Type.Object(
  { online: Type.Boolean(), time: TimeMs, reason: Type.Union([Type.String(), Type.Null()]) },
  { description: 'Whether the device is there, since when, and why' },
);
export type DeviceStatus = Type.Static<typeof DeviceStatus>;

/** Of `…/devices/<id>/telemetry`: one reading, from the journal. */
export const PublishedReading = Type.Object(
  { time: TimeMs, seq: Type.Optional(Seq), boot: Type.Optional(Boot), values: Values },
  { description: 'One reading; at least once, in order for each device' },
);
export type PublishedReading = Type.Static<typeof PublishedReading>;

/** Of `…/devices/<id>/state`. */
export const DeviceState = Type.Object(
  { time: TimeMs, values: Type.Record(Type.String(), Value) },
  { description: 'The latest values of all metrics; at most once a second' },
);
export type DeviceState = Type.Static<typeof DeviceState>;

/** Of `…/devices/<id>/config` and `…/config/set`: a configuration by its keys. */
export const ConfigValues = Type.Record(Type.String(), Type.Unknown(), {
  description: 'A configuration by its keys',
});

/** Of `…/devices/<id>/command/<name>`: parameters by name. */
export const CommandParams = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Parameters by name',
});

/** Telemetry whose `type` may be left out, as HTTP and `…/ingest/<id>` take it. */
export const IngestMessage = Type.Union(
  [TelemetryValues, TelemetryRows, TelemetryColumns].map((shape) =>
    Type.Unsafe({ ...shape, required: (shape.required ?? []).filter((name: string) => name !== 'type') }),
  ),
  { title: 'TelemetryMessage' },
);
