import type { Profile, Value } from '@fieldline/protocol';
import { randomFrom } from './random.js';
import { type Signal, signalOf } from './signal.js';

/** Answers the values that a device measures at `timeMs`; metrics without a reading are absent. */
export type Measure = (timeMs: number) => Record<string, Value>;

/** Devices live up to so much ahead of the clock, each by an offset of its own. */
const MOST_OFFSET_MS = 30 * 86_400_000;

/**
 * The readings of one simulated device: all signals of the profile's `simulate` part, each on a random
 * stream of its own, so that a metric added to the profile does not change the values of the others.
 */
export function measureOf(profile: Profile, device: string, seed: string): Measure {
  const offsetMs = Math.floor(randomFrom(`${seed}/${device}`).next() * MOST_OFFSET_MS);
  const signals: [metric: string, signal: Signal][] = [];
  for (const [metric, signal] of profile.simulate) {
    const random = randomFrom(`${seed}/${device}/${metric}`);
    signals.push([metric, signalOf(signal, profile.metrics.get(metric), random, offsetMs)]);
  }
  return (timeMs) => {
    const values: Record<string, Value> = {};
    for (const [metric, signal] of signals) {
      const value = signal(timeMs);
      if (value !== null) values[metric] = value;
    }
    return values;
  };
}
