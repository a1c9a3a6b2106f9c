import type { DeviceView } from '@fieldline/protocol/browser';
import { LiveDevice } from '../live/device.js';

/** A device for tests: online, seen at 1,000, expected every second. */
export function aView(id: string, part: Partial<DeviceView> = {}): DeviceView {
  return {
    id,
    name: null,
    profile: null,
    tags: {},
    disabled: false,
    online: true,
    stale: false,
    sleeping: false,
    wakesBy: null,
    flapping: false,
    lastSeen: 1_000,
    lastDisconnect: null,
    reboots: 0,
    interval: 1_000,
    firmware: null,
    boot: null,
    address: null,
    caps: null,
    metrics: {},
    counters: { received: 0, duplicates: 0, gaps: 0, rejected: 0, clockRepairs: 0 },
    config: { version: 0, desired: {}, reported: {}, state: 'none' },
    ...part,
  };
}

export const aDevice = (id: string, part: Partial<DeviceView> = {}): LiveDevice =>
  new LiveDevice(aView(id, part));
