import type { Value } from '../messages/fields.js';
import type { MetricDocument, ProfileDocument } from '../profile/schema.js';

/** What a first sketch sends: enough to see, and short enough to read. */
const NUMBERS = 2;

/** A reading of a device without a profile. */
const ANY: Readonly<Record<string, Value>> = { temperature: 21.5, door: true };

/** An example of a reading that the profile accepts: its first metrics, with values of its simulation where it has one. */
export function exampleValues(
  profile: Pick<ProfileDocument, 'metrics' | 'simulate'> | null,
): Readonly<Record<string, Value>> {
  const metrics = Object.entries(profile?.metrics ?? {});
  if (metrics.length === 0) return ANY;
  const numbers = metrics.filter(([, { type }]) => type === 'number' || type === 'integer').slice(0, NUMBERS);
  const states = metrics.filter(([, { type }]) => type === 'boolean').slice(0, 1);
  const chosen = numbers.length + states.length > 0 ? [...numbers, ...states] : metrics.slice(0, 1);
  return Object.fromEntries(
    chosen.map(([name, metric]) => [name, exampleOf(metric, profile?.simulate?.[name])]),
  );
}

function exampleOf(metric: MetricDocument, signal: object | undefined): Value {
  if (metric.type === 'boolean') return true;
  if (metric.type === 'string') return metric.enum?.[0] ?? 'ok';
  const { min, max, decimals = 1, type } = metric;
  const mean = signal !== undefined && 'mean' in signal ? Number(signal.mean) : Number.NaN;
  const middle = min !== undefined && max !== undefined ? (min + max) / 2 : (min ?? max ?? 21.5);
  const value = Number.isFinite(mean) ? mean : middle;
  return Number(value.toFixed(type === 'integer' ? 0 : decimals));
}
