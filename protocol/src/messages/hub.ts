import Type from 'typebox';
import { DEVICE_ERROR_CODES, REJECT_CODES } from '../codes.js';
import { choice } from '../combinators.js';
import { Boot, CommandId, MetricName, Seq, TimeMs, UptimeMs } from './fields.js';

/** Messages from the hub to a device (protocol §1.2). */

const RetryAfterMs = Type.Integer({
  minimum: 0,
  description: 'Milliseconds to wait before the next attempt',
});

/** Answers `hello`. */
export const Welcome = Type.Object(
  {
    type: Type.Literal('welcome'),
    session: Type.String(),
    time: TimeMs,
    ack: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'All messages of this boot up to here are on disk; null for a boot never seen',
    }),
    window: Type.Integer({ minimum: 0, description: 'Unacked messages to keep in flight; 0 pauses' }),
    maxFrame: Type.Integer({ description: 'Longest frame that the hub takes, in bytes' }),
    heartbeat: Type.Integer({ description: 'Milliseconds between pings of the hub' }),
    reconnect: Type.Tuple([Type.Integer(), Type.Integer()], {
      description: 'Shortest and longest wait before a reconnect, ms',
    }),
    config: Type.Optional(Type.Integer({ description: 'Version of the desired config' })),
  },
  { description: 'Answers hello' },
);
export type Welcome = Type.Static<typeof Welcome>;

/** Every message of `boot` up to `seq` that was received is on disk, or was answered. */
export const Ack = Type.Object(
  { type: Type.Literal('ack'), boot: Boot, seq: Seq },
  { description: 'Cumulative: everything received up to seq is on disk or was answered' },
);
export type Ack = Type.Static<typeof Ack>;

/** Values of a message, or all of it, were not stored. */
export const Reject = Type.Object(
  {
    type: Type.Literal('reject'),
    seq: Type.Optional(Seq),
    code: choice(REJECT_CODES),
    metric: Type.Optional(MetricName),
    row: Type.Optional(Type.Integer({ minimum: 0, description: 'First row concerned' })),
    count: Type.Optional(Type.Integer({ minimum: 1, description: 'Values concerned' })),
    message: Type.String(),
  },
  { description: 'Values that were not stored' },
);
export type Reject = Type.Static<typeof Reject>;

/** Changes how many unacked messages the device keeps in flight. */
export const Window = Type.Object(
  { type: Type.Literal('window'), window: Type.Integer({ minimum: 0 }) },
  { description: 'Changes the credit; 0 pauses' },
);
export type Window = Type.Static<typeof Window>;

/** Asks the device to do something. */
export const Command = Type.Object(
  {
    type: Type.Literal('command'),
    id: CommandId,
    name: MetricName,
    params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    ttl: Type.Optional(Type.Integer({ minimum: 0, description: 'Milliseconds that remain' })),
    again: Type.Optional(Type.Boolean({ description: 'Repeated: answer from memory, never execute' })),
  },
  { description: 'Asks the device to do something' },
);
export type Command = Type.Static<typeof Command>;

/** The configuration that the device shall run. */
export const ConfigDesired = Type.Object(
  {
    type: Type.Literal('config'),
    version: Type.Integer({ minimum: 0 }),
    desired: Type.Record(Type.String(), Type.Unknown()),
  },
  { description: 'The configuration that the device shall run' },
);
export type ConfigDesired = Type.Static<typeof ConfigDesired>;

/** The time, beside the uptime that the device asked with. */
export const TimeAnswer = Type.Object(
  { type: Type.Literal('time'), uptime: UptimeMs, time: TimeMs },
  { description: 'The time' },
);
export type TimeAnswer = Type.Static<typeof TimeAnswer>;

/** Something is wrong. With `seq` it answers that message. */
export const HubError = Type.Object(
  {
    type: Type.Literal('error'),
    code: choice(DEVICE_ERROR_CODES),
    message: Type.String(),
    seq: Type.Optional(Seq),
    retryAfter: Type.Optional(RetryAfterMs),
    fatal: Type.Boolean({ description: 'The connection ends' }),
  },
  { description: 'Something is wrong; with seq it answers that message' },
);
export type HubError = Type.Static<typeof HubError>;

/** The hub is about to end the connection. */
export const Bye = Type.Object(
  { type: Type.Literal('bye'), retryAfter: Type.Optional(RetryAfterMs) },
  { description: 'The hub is about to end the connection' },
);
export type Bye = Type.Static<typeof Bye>;

/** Any message from the hub to a device. */
export const HubMessage = Type.Union([
  Welcome,
  Ack,
  Reject,
  Window,
  Command,
  ConfigDesired,
  TimeAnswer,
  HubError,
  Bye,
]);
export type HubMessage = Type.Static<typeof HubMessage>;
