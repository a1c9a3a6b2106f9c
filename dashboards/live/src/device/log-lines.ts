import type { DeviceConnection, DeviceLogLine } from '@fieldline/protocol/browser';
import { clock } from '../format/time.js';
import { log as words } from '../strings.js';

/** A line as the log shows it: the device's own, or the hub's about its connection. */
export interface ShownLine {
  readonly at: number;
  readonly level: string;
  readonly text: string;
  readonly isHub: boolean;
}

/** Whether a line tells of trouble. */
export const isWarning = ({ level }: Pick<ShownLine, 'level'>): boolean =>
  level === 'warn' || level === 'error';

/**
 * The lines of a device and the events of its connection, newest first.
 * @param events oldest first; those before `since` are left out, as the device's lines of that time are not here yet
 */
export function logLines(
  lines: readonly DeviceLogLine[],
  events: readonly DeviceConnection[],
  since: number,
): ShownLine[] {
  const own = lines.map(({ at, level, message }) => ({
    at,
    level,
    text: `${level}: ${message}`,
    isHub: false,
  }));
  const hub = events.flatMap((event) => (event.at >= since ? hubLine(event) : []));
  return [...own, ...hub].sort((a, b) => b.at - a.at);
}

function hubLine({ at, event, reason, boot, from, to, readings }: DeviceConnection): ShownLine {
  const line = (text: string, level = 'info') => ({ at, level, text: `${words.hub}: ${text}`, isHub: true });
  if (event === 'online') return line(words.online);
  if (event === 'rebooted') return line(words.rebooted(boot));
  if (event === 'late') return line(words.late(readings ?? 0, clock(from ?? at), clock(to ?? at)));
  if (reason === 'sleeping') return line(words.asleep);
  return line(words.offline(reason), 'warn');
}
