import type { AlarmView } from '@fieldline/protocol/browser';

/** An alarm that is raised, and differs from the usual one in this. */
export function anAlarm(id: string, changes: Partial<AlarmView> = {}): AlarmView {
  return {
    ...{
      id,
      device: 'a',
      metric: 'temperature',
      level: 'warn',
      state: 'raised',
      limit: { above: 6, for: 0 },
    },
    ...{
      past: false,
      since: 1,
      raisedAt: 1,
      raisedSeenAt: 1,
      clearedAt: null,
      clearedSeenAt: null,
      end: null,
    },
    ...{ value: 7, worst: 7, acknowledgedBy: null, acknowledgedAt: null, note: null, ...changes },
  };
}
