import type { Value } from '@fieldline/protocol/browser';
import type { LiveDevice } from '../live/device.js';
import { SHELF_INTERVALS } from '../live/state.js';

/** What a device last reported of a metric. `old`: it is offline or stale, so this is only the last known. */
export interface Reported {
  readonly value: Value;
  readonly agoMs: number;
  readonly old: boolean;
}

/** null where it has never reported it. Reads `device.changed`: a component that draws it follows. */
export function reportedOf(device: LiveDevice, metric: string, now: number): Reported | null {
  void device.changed.value;
  const latest = device.latest.get(metric);
  if (!latest) return null;
  const agoMs = Math.max(0, now - latest.time);
  const stale = device.interval !== null && agoMs >= SHELF_INTERVALS * device.interval;
  return { value: latest.value, agoMs, old: !device.online || stale };
}
