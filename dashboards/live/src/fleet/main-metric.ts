import type { LiveDevice } from '../live/device.js';
import type { DeviceProfile } from '../live/profiles.js';

/** By convention the metric that tells the strength of a radio signal, in dBm. */
export const SIGNAL = 'rssi';

/**
 * The one metric that stands for a device in a list: the profile's first, else its first number, else its first. The
 * strength of its radio is what it is for in no device.
 */
export function mainMetric(device: LiveDevice, profile: DeviceProfile): string | undefined {
  for (const key in profile.metrics) if (device.latest.has(key)) return key;
  let first: string | undefined;
  for (const [key, { value }] of device.latest) {
    if (key === SIGNAL && device.latest.size > 1) continue;
    if (typeof value === 'number') return key;
    first ??= key;
  }
  return first;
}
