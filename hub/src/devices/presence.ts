import type { Hello } from '@fieldline/protocol';
import { Listeners } from '../state/listeners.js';
import type { Device } from './device.js';
import { Flapping, type FlappingChange } from './flapping.js';

/** A device came online, or went offline, or is asleep or overdue. */
export interface PresenceChange {
  readonly device: Device;
  readonly online: boolean;
  /** Why, in one word: `connected`, `closed`, `timeout`, `sleeping`, `overdue`, … */
  readonly reason: string;
  /** ms since 1970. */
  readonly at: number;
}

/** The reason of a change that only corrects a view: since the hub's restart nobody was told anything else. */
export const RETURNED = 'returned';

/** What presence tells beside {@link Presence.onChange}. Neither may throw. */
export interface PresenceParts {
  /** Something of a device changed that is to last. */
  readonly touch?: (device: Device) => void;
  readonly onFlapping?: (change: FlappingChange) => void;
  /** A device named a boot that the hub did not know. */
  readonly onReboot?: (device: Device, boot: string) => void;
}

/** How often it is looked who is overdue. */
const CHECK_MS = 1_000;
/**
 * How long devices that were online when the hub stopped may take to come back before they are called offline: the
 * longest wait between two tries that a `welcome` asks for, and a little.
 */
export const RETURN_MS = 65_000;
/** Who sleeps longer than a month is not waited for. */
const LONGEST_SLEEP_MS = 31 * 86_400_000;
/** A sleeping device may be late by this, or by a tenth of its sleep: its clock runs without a quartz. */
const LATE_MS = 5_000;
/** A check that is so much too late tells that the process stood still, and could hear nobody. */
const STOOD_STILL_MS = 5_000;
/** How a connection ends whose device goes to sleep. A device that was sent away does not sleep: it comes back. */
const BY_ITSELF: ReadonlySet<string> = new Set(['closed', 'connection_lost', 'timeout']);

/**
 * Which devices are online: those that at least one connection speaks for, a device socket or a connection to the
 * embedded MQTT broker. The one place where that changes and is told.
 *
 * A device that announced its sleep is asleep when it goes, and overdue when it does not come back in time. A restart
 * of the hub is no news of its devices: what was told before holds until they are back, or late.
 */
export class Presence {
  readonly #changes = new Listeners<PresenceChange>();
  readonly #now: () => number;
  readonly #parts: PresenceParts;
  readonly #flapping: Flapping;
  /** Asleep, or online when the hub stopped: each is called overdue unless it comes in time. */
  readonly #awaited = new Set<Device>();
  #timer: NodeJS.Timeout | undefined;
  #checkedMs = 0;
  #returnBy = 0;
  #isStopping = false;

  constructor(now: () => number, parts: PresenceParts = {}) {
    this.#now = now;
    this.#parts = parts;
    this.#flapping = new Flapping((change) => parts.onFlapping?.(change));
  }

  /** Takes up what was known of the devices when the hub stopped, and begins to watch. */
  open(devices: Iterable<Device>): void {
    const now = this.#now();
    for (const device of devices) {
      const { standing } = device;
      if (standing.status?.online !== true && standing.wakesBy === null) continue;
      this.#awaited.add(device);
      // A hub that was killed has noted no end of the connections that it took with it.
      if (standing.status?.online && isOver(device))
        standing.lastDisconnect = { reason: 'hub_stopped', at: now };
    }
    this.#excuse(now);
    this.#checkedMs = now;
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** The hub stops: the connections that end from now on end for its sake, and nobody is told. */
  stop(): void {
    this.#isStopping = true;
    this.close();
  }

  /** Calls `listener`, which must not throw, with every change. Returns the way to stop. */
  onChange(listener: (change: PresenceChange) => void): () => void {
    return this.#changes.add(listener);
  }

  /** A connection speaks for the device from now on. Each is counted out by one {@link left}. */
  joined(device: Device): void {
    const { standing } = device;
    device.links++;
    if (standing.wakesBy === null) this.#flapping.connected(device, this.#now());
    if (device.links > 1) return;
    this.#awaited.delete(device);
    standing.wakesBy = null;
    this.#tell(device, standing.status?.online ? RETURNED : 'connected');
  }

  /** A connection took the place of another: the device stays online. */
  replaced(device: Device): void {
    this.#flapping.connected(device, this.#now());
  }

  /** A connection that had joined is gone. */
  left(device: Device, reason: string): void {
    device.links--;
    if (device.links > 0) return;
    const { standing } = device;
    const at = this.#now();
    standing.lastDisconnect = { reason: this.#isStopping ? 'hub_stopped' : reason, at };
    if (this.#isStopping) {
      this.#parts.touch?.(device);
    } else if (standing.sleepMs !== null && BY_ITSELF.has(reason)) {
      standing.wakesBy = at + standing.sleepMs;
      this.#awaited.add(device);
      this.#tell(device, 'sleeping');
    } else {
      this.#tell(device, reason);
    }
  }

  /**
   * A device said `hello`. To be called before its boot is noted.
   * @param isKnownBoot whether the hub has seen this boot before
   */
  introduced(device: Device, { boot, sleep = 0 }: Pick<Hello, 'boot' | 'sleep'>, isKnownBoot: boolean): void {
    const { standing } = device;
    standing.sleepMs = sleep > 0 ? Math.min(sleep, LONGEST_SLEEP_MS) : null;
    const isNew = boot !== undefined && device.boot !== null && boot !== device.boot && !isKnownBoot;
    if (isNew) {
      standing.reboots++;
      this.#parts.onReboot?.(device, boot);
    }
    this.#parts.touch?.(device);
  }

  /** The device was deleted. */
  forget(device: Device): void {
    this.#awaited.delete(device);
    this.#flapping.forget(device);
  }

  #check(): void {
    const now = this.#now();
    const lateMs = now - this.#checkedMs - CHECK_MS;
    this.#checkedMs = now;
    if (Math.abs(lateMs) > STOOD_STILL_MS) this.#excuse(now);
    for (const device of this.#awaited) {
      const { standing } = device;
      if (now < (standing.wakesBy === null ? this.#returnBy : latestBy(standing.wakesBy, standing.sleepMs)))
        continue;
      this.#awaited.delete(device);
      const reason = standing.wakesBy === null ? 'not_returned' : 'overdue';
      standing.wakesBy = null;
      this.#tell(device, reason);
    }
    this.#flapping.check(now);
  }

  /** The hub could not hear anybody for a while: a device that was due then may have slept again since. */
  #excuse(now: number): void {
    this.#returnBy = now + RETURN_MS;
    for (const { standing } of this.#awaited) {
      const { wakesBy, sleepMs } = standing;
      if (wakesBy !== null && wakesBy <= now) standing.wakesBy = now + (sleepMs ?? 0);
    }
  }

  #tell(device: Device, reason: string): void {
    const status = { online: device.isOnline, reason, at: this.#now() };
    // What was told before is true again.
    if (reason !== RETURNED) device.standing.status = status;
    this.#parts.touch?.(device);
    this.#changes.tell({ device, ...status });
  }
}

function latestBy(wakesBy: number, sleepMs: number | null): number {
  return wakesBy + Math.max(LATE_MS, (sleepMs ?? 0) / 10);
}

/** Whether there was a connection after the last one whose end was noted. */
function isOver({ standing: { status, lastDisconnect }, lastSeen }: Device): boolean {
  return Math.max(status?.at ?? 0, lastSeen ?? 0) > (lastDisconnect?.at ?? -1);
}
