import type { DeviceView, MetricView } from '@fieldline/protocol';
import { printable, type Terminal } from '../terminal.js';

/** The state of a device in a word, with the page's colours: colour is spent on trouble only. */
export function stateOf({ colors }: Terminal, device: DeviceView): string {
  if (device.disabled) return colors.red('disabled');
  if (device.online) return device.stale ? colors.yellow('stale') : 'online';
  if (device.sleeping) return 'sleeping';
  return device.lastSeen === null ? colors.dim('never seen') : colors.dim('offline');
}

/** A latest value, safe to print; `-` when there is none. */
export function valueText(value: MetricView['value']): string {
  return value === null ? '-' : printable(String(value));
}
