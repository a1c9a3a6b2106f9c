import type { ValueType } from '../codes.js';
import type { Value } from '../messages/fields.js';
import type { ProfileDocument, Wave } from './schema.js';

/**
 * A device profile, ready to use: durations in milliseconds, defaults filled in, names as keys of maps (a
 * metric may be called `toString`, so a plain object would answer for names that nobody declared).
 */
export interface Profile {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  /** `learn`: metrics that are not named here are accepted and typed; `strict`: they are rejected. */
  readonly mode: 'learn' | 'strict';
  /** Expected time between readings; null when the profile does not say. */
  readonly intervalMs: number | null;
  /** How long InfluxDB keeps single readings of devices with this profile; null when the profile does not say. */
  readonly retentionMs: number | null;
  readonly metrics: ReadonlyMap<string, MetricProfile>;
  readonly commands: ReadonlyMap<string, CommandProfile>;
  readonly config: ReadonlyMap<string, ParamProfile>;
  readonly simulate: ReadonlyMap<string, SignalProfile>;
  /** The file's content as plain JSON, for the HTTP API. */
  readonly document: ProfileDocument;
}

interface Described {
  readonly name: string;
  /** The name where the profile gives no title. */
  readonly title: string;
  readonly description: string | null;
  readonly type: ValueType;
  /** A number that is stored as a 64-bit integer. */
  readonly integer: boolean;
  /** UCUM code. */
  readonly unit: string | null;
  readonly min: number | null;
  readonly max: number | null;
  /** The only values allowed. */
  readonly enum: readonly Value[] | null;
}

export interface MetricProfile extends Described {
  /** Digits after the point to show. */
  readonly decimals: number | null;
  readonly warn: ThresholdProfile | null;
  readonly alarm: ThresholdProfile | null;
}

/**
 * True while the value is above, below or equal to a bound, for at least `forMs`. Once true it stays so until the value
 * is `hysteresis` behind the bound.
 */
export interface ThresholdProfile {
  readonly above: number | null;
  readonly below: number | null;
  readonly equals: Value | null;
  readonly hysteresis: number;
  readonly forMs: number;
}

/** A parameter of a command, or a key of the device's configuration. */
export interface ParamProfile extends Described {
  readonly required: boolean;
  readonly default: Value | null;
}

export interface CommandProfile {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly params: ReadonlyMap<string, ParamProfile>;
  /** How long the hub waits for an answer; null for its default. */
  readonly timeoutMs: number | null;
  readonly expect: ExpectProfile | null;
  /** No second command undoes it. */
  readonly danger: boolean;
}

/** What telemetry must show after the command succeeded. */
export interface ExpectProfile {
  readonly metric: string;
  /** The parameter whose value is expected, or a fixed value. */
  readonly equals: { readonly param: string } | { readonly value: Value };
  /** How far a number may be off. */
  readonly tolerance: number;
  /** How long it may take after the command ended; null for the hub's default. */
  readonly withinMs: number | null;
}

/** A simulated signal; {@link SignalDocument} says what each wave makes of the fields. */
export interface SignalProfile {
  readonly wave: Wave;
  readonly mean: number;
  readonly amplitude: number;
  readonly periodMs: number;
  readonly noise: number;
  readonly step: number;
  /** For `steps` and `constant`; empty otherwise. */
  readonly values: readonly Value[];
  /** How long `steps` holds a value, and after which `toggle` changes; null when not given. */
  readonly everyMs: number | null;
  readonly probability: number;
  readonly dropout: number;
}
