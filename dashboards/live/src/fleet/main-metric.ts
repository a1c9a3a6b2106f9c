import type { LiveDevice } from '../live/device.js';
import type { DeviceProfile } from '../live/profiles.js';

/** The one metric that stands for a device in a list: the profile's first, else its first number, else its first. */
export function mainMetric(device: LiveDevice, profile: DeviceProfile): string | undefined {
  for (const key in profile.metrics) if (device.latest.has(key)) return key;
  let first: string | undefined;
  for (const [key, { value }] of device.latest) {
    if (typeof value === 'number') return key;
    first ??= key;
  }
  return first;
}
