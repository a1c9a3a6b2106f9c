import type { AlarmView } from '@fieldline/protocol';

/** What channels are told of an alarm. `past`: it was over before the hub heard of it, and no more of it comes. */
export type AlarmEvent = 'raised' | 'acknowledged' | 'cleared' | 'past';

export interface AlarmChange {
  /** `late`: more has come of a breach that came late. It is shown; channels are told once, when it is `past`. */
  readonly event: AlarmEvent | 'late';
  readonly alarm: AlarmView;
  /** ms since 1970. */
  readonly at: number;
}

/** A change that channels are told of. */
export interface AlarmNews extends AlarmChange {
  readonly event: AlarmEvent;
}

export function isNews(change: AlarmChange): change is AlarmNews {
  return change.event !== 'late';
}
