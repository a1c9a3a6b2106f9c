import type { Value } from '@fieldline/journal';
import type { MetricProfile, ValueType } from '@fieldline/protocol';

/** A type, and when it was fixed: ms since 1970. */
export interface FixedAt {
  readonly type: ValueType;
  readonly fixedAt: number;
}

/** What is known of one metric of one device. */
export interface Metric {
  readonly type: ValueType;
  /** When the type was fixed, ms since 1970; null when the profile fixed it. */
  readonly fixedAt: number | null;
  /** What its first value has fixed; null where a profile came first. */
  readonly learned: FixedAt | null;
  /** What the profile says of it, as far as that fits its type. */
  readonly profile: MetricProfile | undefined;
  /** One of 32 bits, in turn: sets of metrics are told apart by their bits. */
  readonly mark: number;
  /** µs since 1970 of the latest durable reading, whatever its type was; 0 before the first. */
  latestTime: number;
  /** Null before the first reading of this type. */
  latestValue: Value | null;
}

/**
 * What a profile says of a metric that an admin has given another type: name and title stay; a unit, a range, limits
 * and listed values were meant for the type before.
 */
export function retypedProfile(described: MetricProfile, type: ValueType): MetricProfile {
  if (described.type === type) return described;
  const nothing = { unit: null, min: null, max: null, enum: null, decimals: null, warn: null, alarm: null };
  return { ...described, ...nothing, type, integer: false };
}
