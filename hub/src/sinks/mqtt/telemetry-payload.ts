import type { Reading } from '@fieldline/journal';

/**
 * A reading as subscribers get it (protocol §4): `{"time":…,"seq":…,"boot":…,"values":{…}}`, the time in ms. Readings
 * without a number have neither `seq` nor `boot`.
 */
export function telemetryPayload({ time, boot, seq, values }: Reading): string {
  const number = boot === '' ? '' : `"seq":${seq},"boot":"${boot}",`; // a boot's name needs no escaping
  return `{"time":${Math.floor(time / 1000)},${number}"values":${JSON.stringify(values)}}`;
}
