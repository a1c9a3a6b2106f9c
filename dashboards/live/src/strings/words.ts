import { NBSP } from '../format/number.js';
import type { Severity } from '../live/raised.js';
import type { DeviceState } from '../live/state.js';

/** Words that every room uses. */
export const words = {
  skip: 'Skip to content',
  on: 'on',
  off: 'off',
  noReading: 'no reading',
  noneYet: 'none yet',
  notKnown: 'not known',
  copied: 'Copied',
  close: 'Close',
  waitsForHub: 'This page asks again by itself and goes on as soon as there is an answer.',
  hold: (text: string): string =>
    text.replace(
      /^([\d.]+)\s*(ms|s|m|h|d)$/,
      (_, n: string, u: string) => `${n}${NBSP}${u === 'm' ? 'min' : u}`,
    ),
} as const;

/** What a device is. */
export const stateWords: Readonly<Record<DeviceState | Severity, string>> = {
  online: 'Online',
  asleep: 'Asleep',
  stale: 'Stale',
  offline: 'Offline',
  never: 'Never seen',
  warn: 'Warning',
  alarm: 'Alarm',
};
