import type { AlarmChannelView, AlarmLevel } from '@fieldline/protocol';

/** What is counted of alarms, for `/metrics`. */
export interface AlarmNumbers {
  /** How many there are of each level and state. */
  byLevel(): Iterable<readonly [level: AlarmLevel, state: 'raised' | 'acknowledged', count: number]>;
  /** Alarms that were over, and forgotten to make room. */
  pruned(): number;
  /** Readings wait to be judged. */
  isBehind(): boolean;
  /** What could not be used: stored rows, and readings. */
  leftOut(): { readonly rows: number; readonly readings: number };
  channels(): readonly AlarmChannelView[];
}
