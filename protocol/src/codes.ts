/** Why a value or a whole message was not stored (protocol §1.2 "Rejects are partial"). */
export const REJECT_CODES = [
  'bad_metric_name',
  'bad_value',
  'type_conflict',
  'out_of_range',
  'unknown_metric',
  'too_many_metrics',
  'bad_time',
  'too_large',
  'malformed',
] as const;
export type RejectCode = (typeof REJECT_CODES)[number];

/** `code` of an `error` from the hub to a device. */
export const DEVICE_ERROR_CODES = [
  /** The frame cannot be parsed, or a field of it is wrong. */
  'malformed',
  /** The message's `type` is not known here. */
  'unknown_type',
  /** A fatal one: `hello.seq` is below what the hub has of this boot. */
  'boot_reused',
  'unauthorized',
  'timeout',
  'replaced',
  'too_large',
  'overrun',
  'going_away',
  'internal',
  'try_later',
] as const;
export type DeviceErrorCode = (typeof DEVICE_ERROR_CODES)[number];

/** `code` of a result with status `error`: the command was repeated with `again`, and is not remembered. */
export const UNKNOWN_ID = 'unknown_id';

/** `code` of an `error` from the hub to a viewer. */
export const VIEWER_ERROR_CODES = [
  'malformed',
  'unknown_type',
  'bad_subscription',
  'forbidden',
  'too_many',
] as const;
export type ViewerErrorCode = (typeof VIEWER_ERROR_CODES)[number];

/** Close codes of the device and the viewer socket (RFC 6455 §7.4, protocol §1.2 "Close codes"). */
export const CLOSE = Object.freeze({
  goingAway: 1001,
  tooLarge: 1009,
  internal: 1011,
  tryLater: 1013,
  malformed: 4400,
  unauthorized: 4401,
  timeout: 4408,
  replaced: 4409,
  overrun: 4429,
});
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** What a device may declare in `hello.caps`. */
export const CAPS = ['command', 'config', 'reconnect', 'parallel'] as const;
export type Cap = (typeof CAPS)[number];

/** `level` of a device's log line. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `status` of a command's result; `accepted` is interim, the others are the end. */
export const RESULT_STATUSES = ['accepted', 'ok', 'error', 'rejected'] as const;
export type ResultStatus = (typeof RESULT_STATUSES)[number];

/** WebSocket subprotocols of the device socket. A client that offers neither speaks version 1 JSON. */
export const SUBPROTOCOL_JSON = 'fieldline.v1.json';
export const SUBPROTOCOL_CBOR = 'fieldline.v1.cbor';

/** The types that a value may have (protocol §1.2 "Types"). */
export const VALUE_TYPES = ['number', 'boolean', 'string'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/** How the readings of a bucket become one value (protocol §3 "History"). */
export const AGGREGATES = ['mean', 'last', 'min', 'max', 'sum', 'count', 'raw'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** What somebody may do with the HTTP API. Each role may all that the one before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** How far a command has come (protocol §3 "Commands"). */
export const COMMAND_STATES = [
  /** Not sent yet. */
  'queued',
  /** On its way: there is no answer yet. */
  'sent',
  /** The device has started it; the end follows. */
  'accepted',
  'succeeded',
  'failed',
  'rejected',
  /** It was not sent in time, and never will be. */
  'expired',
  /** It was sent and no answer came: the outcome is unknown. A late answer corrects it, once. */
  'timed_out',
  /** It was taken back before it was sent. */
  'cancelled',
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** What telemetry says of a command's effect (`expect` in its profile). */
export const VERIFICATIONS = ['pending', 'verified', 'contradicted', 'unverified'] as const;
export type Verification = (typeof VERIFICATIONS)[number];

/** How far a device is with the configuration that it is to run. */
export const CONFIG_STATES = ['none', 'pending', 'applied', 'rejected'] as const;
export type ConfigState = (typeof CONFIG_STATES)[number];
