import type { MetricProfile, Profile, ValueType } from '@fieldline/protocol';

/** A profile whose metrics have the types that admins gave them. What was said of another type is said no more. */
export function withTypes(profile: Profile, types: ReadonlyMap<string, ValueType> = new Map()): Profile {
  if (types.size === 0) return profile;
  const metrics = Array.from(
    profile.metrics,
    ([name, metric]) => [name, retype(metric, types.get(name))] as const,
  );
  return { ...profile, metrics: new Map(metrics) };
}

function retype(metric: MetricProfile, type: ValueType = metric.type): MetricProfile {
  if (type === metric.type) return metric;
  const unsaid = { unit: null, min: null, max: null, enum: null, decimals: null, warn: null, alarm: null };
  return { ...metric, ...unsaid, type, integer: false };
}
