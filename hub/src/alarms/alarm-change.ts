import type { AlarmView } from '@fieldline/protocol';

/** What happened to an alarm. `past`: it was over before the hub heard of it. */
export type AlarmEvent = 'raised' | 'acknowledged' | 'cleared' | 'past';

export interface AlarmChange {
  readonly event: AlarmEvent;
  readonly alarm: AlarmView;
  /** ms since 1970. */
  readonly at: number;
}
