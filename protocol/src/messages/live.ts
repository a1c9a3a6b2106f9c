import Type from 'typebox';
import { LOG_LEVELS, VIEWER_ERROR_CODES } from '../codes.js';
import { choice } from '../combinators.js';
import { DeviceId, TimeMs, Value } from './fields.js';

/** Messages from the hub to a viewer (protocol §2). */

/** The latest value of a metric: `[time in ms, value]`. */
export const LatestPair = Type.Tuple([Type.Number(), Value]);
export type LatestPair = Type.Static<typeof LatestPair>;

/** One device as a snapshot shows it. */
export const SnapshotDevice = Type.Object({
  id: DeviceId,
  online: Type.Boolean(),
  values: Type.Record(Type.String(), LatestPair),
});
export type SnapshotDevice = Type.Static<typeof SnapshotDevice>;

/** The state at the moment of the subscription; nothing is missed between it and the first update. */
export const Snapshot = Type.Object(
  {
    type: Type.Literal('snapshot'),
    id: Type.Integer(),
    devices: Type.Array(SnapshotDevice),
    more: Type.Boolean({ description: 'Further chunks follow' }),
  },
  { description: 'The state at the moment of the subscription' },
);
export type Snapshot = Type.Static<typeof Snapshot>;

/** One reading of an update: `[device, time in ms, values]`. */
export const UpdateReading = Type.Tuple([DeviceId, Type.Number(), Type.Record(Type.String(), Value)]);
export type UpdateReading = Type.Static<typeof UpdateReading>;

/** What changed since the last update. */
export const Update = Type.Object(
  { type: Type.Literal('update'), readings: Type.Array(UpdateReading) },
  { description: 'What changed since the last update' },
);
export type Update = Type.Static<typeof Update>;

/** A device came or went. */
export const StatusChange = Type.Object(
  {
    type: Type.Literal('status'),
    device: DeviceId,
    online: Type.Boolean(),
    reason: Type.Optional(Type.String()),
    at: TimeMs,
  },
  { description: 'A device came or went' },
);
export type StatusChange = Type.Static<typeof StatusChange>;

/** A command changed its state; `command` is shaped as in the HTTP API. */
export const CommandChange = Type.Object(
  { type: Type.Literal('command'), command: Type.Record(Type.String(), Type.Unknown()) },
  { description: 'A command changed its state' },
);
export type CommandChange = Type.Static<typeof CommandChange>;

export const AlarmChange = Type.Object(
  { type: Type.Literal('alarm'), alarm: Type.Record(Type.String(), Type.Unknown()) },
  { description: 'An alarm changed its state' },
);
export type AlarmChange = Type.Static<typeof AlarmChange>;

/** A line of a device's log. */
export const LiveLog = Type.Object(
  {
    type: Type.Literal('log'),
    device: DeviceId,
    level: choice(LOG_LEVELS),
    message: Type.String(),
    at: TimeMs,
  },
  { description: "A line of a device's log" },
);
export type LiveLog = Type.Static<typeof LiveLog>;

/** What a frame can go over. */
export const RAW_WIRES = ['ws', 'mqtt', 'http'] as const;
export type RawWire = (typeof RAW_WIRES)[number];

/** A frame as it went between a device and the hub. */
export const RawFrame = Type.Object(
  {
    type: Type.Literal('raw'),
    device: DeviceId,
    direction: Type.Union([Type.Literal('in'), Type.Literal('out')]),
    frame: Type.String({ description: 'As text, cut to 4 KiB; tokens are blanked out' }),
    bytes: Type.Optional(Type.Integer({ description: 'Length of the whole frame on the wire' })),
    via: Type.Optional(choice(RAW_WIRES)),
    at: TimeMs,
  },
  { description: 'A frame between a device and the hub' },
);
export type RawFrame = Type.Static<typeof RawFrame>;

/** The viewer was too slow and has caught up: so many updates were left out. */
export const Lag = Type.Object(
  { type: Type.Literal('lag'), dropped: Type.Integer(), since: TimeMs },
  { description: 'Updates that a slow viewer did not get' },
);
export type Lag = Type.Static<typeof Lag>;

export const ViewerError = Type.Object(
  {
    type: Type.Literal('error'),
    id: Type.Optional(Type.Integer()),
    code: choice(VIEWER_ERROR_CODES),
    message: Type.String(),
  },
  { description: 'A request was refused' },
);
export type ViewerError = Type.Static<typeof ViewerError>;

/** Any message from the hub to a viewer. */
export const LiveMessage = Type.Union([
  Snapshot,
  Update,
  StatusChange,
  CommandChange,
  AlarmChange,
  LiveLog,
  RawFrame,
  Lag,
  ViewerError,
]);
export type LiveMessage = Type.Static<typeof LiveMessage>;
