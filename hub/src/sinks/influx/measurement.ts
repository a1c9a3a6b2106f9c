import type { Device } from '../../devices/device.js';

/** Where readings of devices without a profile go. */
export const DEFAULT_MEASUREMENT = 'default';

/**
 * The measurement that a device's readings are written to at this moment (protocol §6): its profile, also one whose
 * file is missing now. A device that was deleted meanwhile has none.
 */
export function measurementOf(device: Device | undefined): string {
  return device?.record.profile ?? DEFAULT_MEASUREMENT;
}
