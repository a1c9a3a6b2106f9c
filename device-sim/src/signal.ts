import type { MetricProfile, SignalProfile, Value } from '@fieldline/protocol';
import type { Random } from './random.js';

/**
 * One simulated metric of one device. Called with ascending times, it answers the reading at `timeMs` (ms
 * since 1970), or null for "no reading". The same seed and the same times give the same values.
 */
export type Signal = (timeMs: number) => Value | null;

/** What a signal keeps to, from the metric that it simulates; absent for a metric without a declaration. */
export type SignalBounds = Pick<MetricProfile, 'type' | 'integer' | 'min' | 'max' | 'decimals'>;

/**
 * Makes the signal that a profile's `simulate` part describes (see SignalDocument in @fieldline/protocol).
 * @param offsetMs moves the device's own time against the clock, so that devices differ in phase, while the
 *   signals of one device stay in step: a compressor runs while its room cools down
 */
export function signalOf(
  profile: SignalProfile,
  bounds: SignalBounds | undefined,
  random: Random,
  offsetMs = 0,
): Signal {
  const wave = waveOf(profile, random, offsetMs);
  return (timeMs) => {
    const value = wave(timeMs);
    if (random.next() < profile.dropout) return null;
    if (typeof value !== 'number') return value;
    const deviation = profile.noise > 0 ? profile.noise * random.normal() : 0;
    return fit(value + deviation, bounds);
  };
}

function waveOf(profile: SignalProfile, random: Random, offsetMs: number): (timeMs: number) => Value {
  const { mean, amplitude, periodMs, everyMs, probability, values } = profile;
  switch (profile.wave) {
    case 'sine':
      return (timeMs) => mean + amplitude * Math.sin((2 * Math.PI * (timeMs + offsetMs)) / periodMs);
    case 'diurnal':
      // In step with the clock (UTC): the highest value at two thirds of the period, 16:00 of a day.
      return (timeMs) => mean + amplitude * Math.cos(2 * Math.PI * (timeMs / periodMs - 2 / 3));
    case 'noise':
      return () => mean + amplitude * (2 * random.next() - 1);
    case 'walk':
      return walk(profile, random);
    case 'steps':
      return (timeMs) => values[turn(timeMs + offsetMs, everyMs) % values.length] ?? mean;
    case 'toggle':
      if (everyMs !== null) return (timeMs) => turn(timeMs + offsetMs, everyMs) % 2 === 1;
      return chance(probability, random);
    case 'constant': {
      const [value = mean] = values;
      return () => value;
    }
  }
}

/** How many times `everyMs` has passed at a time. */
function turn(timeMs: number, everyMs: number | null): number {
  return everyMs === null ? 0 : Math.floor(timeMs / everyMs);
}

/** A random walk that turns back at the edge of `mean` ± `amplitude`, as light does at a mirror. */
function walk({ mean, amplitude, step }: SignalProfile, random: Random): () => number {
  let offset = 0;
  return () => {
    offset += step * (2 * random.next() - 1);
    if (offset > amplitude) offset = Math.max(2 * amplitude - offset, -amplitude);
    if (offset < -amplitude) offset = Math.min(-2 * amplitude - offset, amplitude);
    return mean + offset;
  };
}

/** A boolean that changes with `probability` at each reading. */
function chance(probability: number, random: Random): () => boolean {
  let on = random.next() < 0.5;
  return () => {
    if (random.next() < probability) on = !on;
    return on;
  };
}

/** Rounded as the metric is shown, and within what its sensor could report. */
function fit(value: number, bounds: SignalBounds | undefined): number {
  if (bounds === undefined) return value;
  const decimals = bounds.integer ? 0 : bounds.decimals;
  const scale = 10 ** (decimals ?? 0);
  const rounded = decimals === null ? value : Math.round(value * scale) / scale;
  // Adding 0 turns -0, which rounding makes of small negatives, into 0.
  return Math.min(Math.max(rounded, bounds.min ?? -Infinity), bounds.max ?? Infinity) + 0;
}
