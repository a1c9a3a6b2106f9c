import type { Device } from '../../devices/device.js';
import { isAsleep, isStale } from '../../devices/view.js';
import { measurementOf } from '../../sinks/influx/measurement.js';
import { flag, integer, reportLine, text } from './report-line.js';

/** In one word how it stands with a device's connection. */
export function connectionState(device: Device, nowMs: number): 'online' | 'stale' | 'sleeping' | 'offline' {
  if (device.isOnline) return isStale(device, nowMs) ? 'stale' : 'online';
  return isAsleep(device) ? 'sleeping' : 'offline';
}

/** `fieldline_device`: what is known of a device beside its readings. Counters are since it was registered. */
export function deviceLine(device: Device, nowMs: number): string | undefined {
  const { id, counters, standing, lastReading, intervalMs, firmware } = device;
  // Nothing is expected of one that is disabled.
  const stale = !device.record.disabled && isStale(device, nowMs);
  return reportLine(
    'fieldline_device',
    { device: id, profile: measurementOf(device) },
    {
      state: text(connectionState(device, nowMs)),
      online: flag(device.isOnline),
      stale: flag(stale),
      flapping: flag(standing.isFlapping),
      age: lastReading === null ? null : Math.max(0, nowMs - lastReading) / 1000,
      interval: intervalMs === null ? null : intervalMs / 1000,
      firmware: text(firmware),
      received: integer(counters.received),
      duplicates: integer(counters.duplicates),
      gaps: integer(counters.gaps),
      rejected: integer(counters.rejected),
      clock_repairs: integer(counters.clockRepairs),
      reboots: integer(standing.reboots),
    },
    nowMs * 1000,
  );
}

/** Devices in turn: so many at a time, each once before the first comes again. */
export class Turns {
  readonly #atOnce: number;
  #next = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  take(devices: readonly Device[]): readonly Device[] {
    if (devices.length <= this.#atOnce) return devices;
    const start = this.#next < devices.length ? this.#next : 0;
    const taken = devices.slice(start, start + this.#atOnce);
    this.#next = start + taken.length;
    return taken;
  }
}
