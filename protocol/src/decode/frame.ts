import type { ConfigReport, Hello, LogLine, Result, TimeRequest } from '../messages/device.js';

/**
 * Telemetry whose envelope was checked: `seq`, `boot` and `clock` are what their types say. The rest stands
 * as the device wrote it: rejects are partial, so each value is judged where it is stored. There, a number
 * may be infinite (`1e400`) and a key may be `__proto__` (an own key: reading it is safe, assigning it to
 * another object is not).
 */
export interface DecodedTelemetry {
  readonly seq?: number;
  readonly boot?: string;
  readonly clock?: 'uptime';
  readonly time?: unknown;
  readonly uptime?: unknown;
  readonly values?: unknown;
  readonly rows?: unknown;
  readonly t0?: unknown;
  readonly dt?: unknown;
  readonly columns?: unknown;
}

export interface TelemetryFrame {
  readonly kind: 'telemetry';
  readonly message: DecodedTelemetry;
}

/** An object without `type`: one best-effort reading, its values not yet judged. */
export interface ReadingFrame {
  readonly kind: 'reading';
  readonly values: Readonly<Record<string, unknown>>;
}

/** A message of a type that is not known here. */
export interface UnknownTypeFrame {
  readonly kind: 'unknown_type';
  /** The type as sent, cut to 64 bytes. */
  readonly type: string;
  readonly seq?: number;
}

/** What could not be understood. `seq` where it could be found: the answer to it answers that message. */
export interface MalformedFrame {
  readonly kind: 'malformed';
  /** What is wrong, for the maker of the device. */
  readonly message: string;
  readonly seq?: number;
}

/** What a frame from a device turned out to be. */
export type DecodedFrame =
  | TelemetryFrame
  | ReadingFrame
  | { readonly kind: 'hello'; readonly message: Hello }
  | { readonly kind: 'result'; readonly message: Result }
  | { readonly kind: 'config'; readonly message: ConfigReport }
  | { readonly kind: 'log'; readonly message: LogLine & { readonly level: NonNullable<LogLine['level']> } }
  | { readonly kind: 'time'; readonly message: TimeRequest }
  | UnknownTypeFrame
  | MalformedFrame;

/** A parsed JSON object, before anything is known of it. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function malformed(message: string, seq?: number): MalformedFrame {
  return seq === undefined ? { kind: 'malformed', message } : { kind: 'malformed', message, seq };
}
