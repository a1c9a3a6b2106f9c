import { STALE_INTERVALS } from '@fieldline/protocol/browser';

/** What a device is, in the order of need. Each has its own glyph, word and filter. */
export type DeviceState = 'stale' | 'offline' | 'never' | 'online' | 'asleep';

export const STATES: readonly DeviceState[] = ['online', 'asleep', 'stale', 'offline', 'never'];

/** Readings keep for this many expected intervals; then their device is stale. */
export const SHELF_INTERVALS = STALE_INTERVALS;

export interface Seen {
  readonly online: boolean;
  /** Offline as it has announced. */
  readonly asleep?: boolean;
  /** ms since 1970, by the hub's clock; null before the first. */
  readonly lastSeen: number | null;
  /** Expected time between readings, ms; null while unknown. */
  readonly interval: number | null;
}

/** The state at `now`: it changes by the mere passing of time, so it is never stored for long. */
export function stateOf(device: Seen, now: number): DeviceState {
  if (!device.online && device.asleep) return 'asleep';
  if (!device.online) return device.lastSeen === null ? 'never' : 'offline';
  if (device.lastSeen === null || device.interval === null) return 'online';
  return now - device.lastSeen >= SHELF_INTERVALS * device.interval ? 'stale' : 'online';
}

export type Freshness = 'fresh' | 'late' | 'stale' | 'off';

/** How the freshness bar looks: late past one interval (the notch), stale past three, off without a connection. */
export function freshnessOf(ageMs: number, interval: number | null, online: boolean): Freshness {
  if (!online) return 'off';
  if (interval === null) return 'fresh';
  if (ageMs >= SHELF_INTERVALS * interval) return 'stale';
  return ageMs >= interval ? 'late' : 'fresh';
}
