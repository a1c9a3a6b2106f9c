import { lookOf, type MetricLook } from '../format/metric.js';
import type { LiveDevice } from '../live/device.js';
import type { DeviceProfile } from '../live/profiles.js';

/** The metrics that a device has sent, the profile's in its order first, the rest by name; numbers before states. */
export function metricsOf(device: LiveDevice, profile: DeviceProfile): MetricLook[] {
  const declared = Object.keys(profile.metrics).filter((key) => device.latest.has(key));
  const others = [...device.latest.keys()].filter((key) => !declared.includes(key)).sort();
  const looks = [...declared, ...others].map((key) => {
    const look = lookOf(key, device.view.metrics[key], profile.metrics[key]);
    // A metric that appeared after the list was loaded has no view yet: its value tells.
    const numeric = typeof device.latest.get(key)?.value === 'number';
    return look.numeric === numeric ? look : { ...look, numeric };
  });
  return [...looks.filter(({ numeric }) => numeric), ...looks.filter(({ numeric }) => !numeric)];
}
