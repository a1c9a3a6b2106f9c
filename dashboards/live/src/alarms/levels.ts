import type { AlarmView } from '@fieldline/protocol/browser';

export type ShownLevel = AlarmView['level'];

/** Worst first. */
export const ALARM_LEVELS_SHOWN: readonly ShownLevel[] = ['alarm', 'warn', 'stale'];
