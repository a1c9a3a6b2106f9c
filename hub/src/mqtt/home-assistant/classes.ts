/** What Home Assistant calls what a number means, and what it may sum up. */
export interface NumericClass {
  readonly device_class?: string;
  readonly state_class: 'measurement' | 'total' | 'total_increasing';
}

/**
 * The device class and the state class that goes with it. Most numbers are a measurement of the moment. Energy is
 * a meter: Home Assistant allows no measurement for it
 * (https://developers.home-assistant.io/docs/core/entity/sensor/#available-device-classes). One that can be
 * negative also runs backwards, so that a lower reading is no new meter.
 * @param min the lowest value that the profile allows
 */
export function numericClass(deviceClass: string | null, min: number | null): NumericClass {
  if (deviceClass === null) return { state_class: 'measurement' };
  if (deviceClass !== 'energy') return { device_class: deviceClass, state_class: 'measurement' };
  const runsBackwards = min !== null && min < 0;
  return { device_class: deviceClass, state_class: runsBackwards ? 'total' : 'total_increasing' };
}
