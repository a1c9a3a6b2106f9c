import type { Device } from '../devices/device.js';
import { silentView } from './alarm-views.js';
import type { RaisedAlarms } from './raised-alarms.js';
import { silentSince } from './silence.js';

/** Devices that were heard before the start are silent only once they have had the time to come back. */
const RETURN_MS = 65_000;
/** A look that comes so late tells that the process stood still, and could hear nobody. */
const STOOD_STILL_MS = 5_000;
/** So many alarms are raised or ended before others have their turn: a site that goes dark shall not hold up the loop. */
const AT_ONCE = 100;

/** Raises and ends the alarms of devices that are silent. */
export class Silences {
  readonly #raised: RaisedAlarms;
  readonly #now: () => number;
  /** The alarm of each device that is silent, and since when it is, ms since 1970. */
  readonly #silent = new Map<string, { readonly id: string; readonly since: number }>();
  #lookedMs = 0;
  #excusedUntil = 0;
  #resting: NodeJS.Immediate | undefined;

  constructor(raised: RaisedAlarms, now: () => number) {
    this.#raised = raised;
    this.#now = now;
  }

  /** The hub has just begun to listen. */
  open(): void {
    this.#lookedMs = this.#now();
    this.#excusedUntil = this.#lookedMs + RETURN_MS;
  }

  close(): void {
    clearImmediate(this.#resting);
    this.#resting = undefined;
  }

  /** Takes over what is raised. */
  restore(): void {
    this.clear();
    for (const { id, device, since } of this.#raised.silent()) this.#silent.set(device, { id, since });
  }

  clear(): void {
    this.close();
    this.#silent.clear();
  }

  /** Looks at all devices, as every `everyMs`. */
  look(devices: Iterable<Device>, everyMs: number): void {
    const now = this.#now();
    if (Math.abs(now - this.#lookedMs - everyMs) > STOOD_STILL_MS) this.#excusedUntil = now + RETURN_MS;
    this.#lookedMs = now;
    // The look before this one is not over: it sees the rest as it is now.
    if (this.#resting === undefined) this.#go(devices[Symbol.iterator](), AT_ONCE);
  }

  #go(devices: Iterator<Device>, left: number): void {
    this.#resting = undefined;
    for (let next = devices.next(); !next.done; next = devices.next()) {
      if (!this.#listen(next.value, this.#now()) || --left > 0) continue;
      this.#resting = setImmediate(() => this.#go(devices, AT_ONCE));
      return;
    }
  }

  /** A device that is gone is not silent. */
  forget(device: string): void {
    this.#silent.delete(device);
  }

  /** @returns whether an alarm was raised or ended */
  #listen(device: Device, now: number): boolean {
    const alarm = this.#silent.get(device.id);
    const silence = silentSince(device);
    if (alarm === undefined) {
      if (silence === null || now < silence.deadline || this.#isExcused(silence.since, now)) return false;
      const view = silentView(device.id, silence, now);
      this.#silent.set(device.id, { id: view.id, since: silence.since });
      this.#raised.raise(view);
      return true;
    }
    if (silence !== null && silence.since <= alarm.since && now >= silence.deadline) return false;
    this.#silent.delete(device.id);
    const isHeard = silence !== null && silence.since > alarm.since;
    this.#raised.end(alarm.id, isHeard ? 'well' : 'rule_changed', isHeard ? silence.since : now);
    return true;
  }

  #isExcused(since: number, now: number): boolean {
    return now < this.#excusedUntil && since < this.#excusedUntil - RETURN_MS;
  }
}
