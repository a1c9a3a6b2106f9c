import type { AlarmView } from '@fieldline/protocol';
import { alarmId } from './alarm-id.js';
import { limitOf } from './rule.js';
import type { OpenAlarm, Series } from './series.js';

const UNSEEN = { acknowledgedBy: null, acknowledgedAt: null, note: null };
const NOT_OVER = { clearedAt: null, clearedSeenAt: null, end: null };

/** Readings and their alarms count in µs, what is shown in ms. */
export function msOf(us: number): number {
  return Math.floor(us / 1_000);
}

/** The id of the alarm of a series; `since` in µs since 1970. */
export function idOf(device: string, { rule }: Series, since: number): string {
  return alarmId(device, rule.metric, rule.level, since);
}

/** An alarm that has just been raised. */
export function raisedView(device: string, series: Series, open: OpenAlarm): AlarmView {
  const { metric, level } = series.rule;
  const { since, raisedAt, seenAt, value, worst, past } = open;
  const id = idOf(device, series, since);
  return {
    ...{ id, device, metric, level, state: 'raised', limit: limitOf(series.rule), past },
    ...{ since: msOf(since), raisedAt: msOf(raisedAt), raisedSeenAt: msOf(seenAt) },
    ...{ ...NOT_OVER, value, worst, ...UNSEEN },
  };
}

/** A limit that is crossed and whose `for` is not over. */
export function waitingView(device: string, series: Series): AlarmView {
  const { rule, since, worst } = series;
  const { metric, level } = rule;
  const id = idOf(device, series, since);
  return {
    ...{ id, device, metric, level, state: 'waiting', limit: limitOf(rule), past: false },
    ...{ since: msOf(since), raisedAt: null, raisedSeenAt: null, ...NOT_OVER },
    ...{ value: worst, worst, ...UNSEEN },
  };
}

/**
 * A device that says nothing since `since`, and should have by `deadline`; ms since 1970. Its id is of this moment: a
 * device that was disabled, say, and is silent again since the same reading gives an alarm of its own, which nobody has seen.
 */
export function silentView(
  device: string,
  { since, deadline }: { readonly since: number; readonly deadline: number },
  now: number,
): AlarmView {
  const id = alarmId(device, null, 'stale', now * 1_000);
  const limit = { silence: deadline - since, for: 0 };
  return {
    ...{ id, device, metric: null, level: 'stale', state: 'raised', limit, past: false },
    ...{ since, raisedAt: deadline, raisedSeenAt: now, ...NOT_OVER },
    ...{ value: null, worst: null, ...UNSEEN },
  };
}
