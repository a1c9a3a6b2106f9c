import { STALE_INTERVALS } from '@fieldline/protocol';
import type { Device } from '../devices/device.js';

/**
 * Since when a device says nothing, and from when on that is too long; ms since 1970. Null where nothing is expected of
 * it: no reading has come ever, its profile states no interval (nobody is called on a guess), or it is disabled. One
 * that sleeps may be silent for as long as it announced.
 */
export function silentSince({ profile, lastReading, standing, record }: Device) {
  const intervalMs = profile?.intervalMs ?? null;
  if (intervalMs === null || lastReading === null || record.disabled) return null;
  const wakesBy = standing.wakesBy ?? 0;
  const deadline = lastReading + STALE_INTERVALS * intervalMs + (standing.sleepMs ?? 0);
  return { since: lastReading, deadline: Math.max(deadline, wakesBy) };
}
