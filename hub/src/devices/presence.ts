import { Listeners } from '../state/listeners.js';
import type { Device } from './device.js';

/** A device came online, or went offline. */
export interface PresenceChange {
  readonly device: Device;
  readonly online: boolean;
  /** Why, in one word: `connected`, `closed`, `timeout`, `replaced`, … */
  readonly reason: string;
  /** ms since 1970. */
  readonly at: number;
}

/**
 * Which devices are online: those that at least one connection speaks for, a device socket or a connection to the
 * embedded MQTT broker. The one place where that changes and is told.
 */
export class Presence {
  readonly #changes = new Listeners<PresenceChange>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Calls `listener`, which must not throw, with every change. Returns the way to stop. */
  onChange(listener: (change: PresenceChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** A connection speaks for the device from now on. Each is counted out by one {@link left}. */
  joined(device: Device): void {
    device.links++;
    if (device.links === 1) this.#tell(device, 'connected');
  }

  /** A connection that had joined is gone. */
  left(device: Device, reason: string): void {
    device.links--;
    if (device.links === 0) this.#tell(device, reason);
  }

  #tell(device: Device, reason: string): void {
    this.#changes.tell({ device, online: device.isOnline, reason, at: this.#now() });
  }
}
