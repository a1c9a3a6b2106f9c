import type { AlarmNews } from '../../alarms/alarm-change.js';
import type { Command } from '../../commands/command.js';
import type { PresenceChange } from '../../devices/presence.js';
import { RETURNED } from '../../devices/presence.js';
import { reportLine, text } from './report-line.js';

/** Something that happened to a device, for the marks on charts. */
export interface DeviceEvent {
  readonly device: string;
  readonly kind: 'online' | 'offline' | 'reboot' | 'alarm' | 'contradicted';
  readonly title: string;
  readonly text: string;
  /** ms since 1970. */
  readonly at: number;
}

/** `fieldline_event`. @param at distinguishes events of one millisecond: 0 … 999 */
export function eventLine(
  { device, kind, title, text: words, at }: DeviceEvent,
  count: number,
): string | undefined {
  return reportLine(
    'fieldline_event',
    { device, kind },
    { title: text(title), text: text(words) },
    at * 1000 + (count % 1000),
  );
}

/** Null for a change that is no news: after a restart of the hub the device is where it was. */
export function presenceEvent({ device, online, reason, at }: PresenceChange): DeviceEvent | null {
  if (reason === RETURNED) return null;
  const kind = online ? 'online' : 'offline';
  return { device: device.id, kind, title: online ? 'Online' : 'Offline', text: reason, at };
}

export function rebootEvent(device: string, boot: string, at: number): DeviceEvent {
  return { device, kind: 'reboot', title: 'Reboot', text: `boot ${boot}`, at };
}

export function alarmEvent({ event, alarm, at }: AlarmNews): DeviceEvent {
  const { device, metric, level, value } = alarm;
  const words = [metric ?? 'no readings', value === null ? '' : String(value)].filter((word) => word !== '');
  return { device, kind: 'alarm', title: `${level} ${event}`, text: words.join(' '), at };
}

/** When the readings contradicted a command, which may be long after it was asked for; null where they did not. */
export function contradictedEvent({ device, name, verification, verifiedAt }: Command): DeviceEvent | null {
  if (verification !== 'contradicted' || verifiedAt === null) return null;
  return { device, kind: 'contradicted', title: 'Contradicted', text: name, at: verifiedAt };
}
