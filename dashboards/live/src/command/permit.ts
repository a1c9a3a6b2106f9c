import { type Cap, type DeviceView, ROLES, type Role } from '@fieldline/protocol/browser';

/** Whether somebody with `role` may do what `needed` may. */
export const may = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Why nothing can be asked of a device: of these the first that holds. */
export type Bar = 'role' | 'disabled' | 'caps';

/** What keeps somebody from asking something of a device; null where nothing does. */
export function barOf(
  device: Pick<DeviceView, 'disabled' | 'caps'>,
  role: Role,
  cap: Extract<Cap, 'command' | 'config'>,
): Bar | null {
  if (!may(role, 'operator')) return 'role';
  // A configuration waits for a device until it may connect, or learns to take one; a command does not.
  if (cap === 'config') return null;
  if (device.disabled) return 'disabled';
  return device.caps !== null && !device.caps.includes(cap) ? 'caps' : null;
}
