import type { Device } from './device.js';

/** More connections than this within {@link WITHIN_MS} are too many. */
const MOST = 10;
const WITHIN_MS = 600_000;
/** A device that connects half as often is steady again. */
const STEADY = MOST / 2;
/** Devices that connected once are looked through this often. */
const SWEEP_MS = 60_000;

/** A device began to connect again and again, or stopped that. */
export interface FlappingChange {
  readonly device: Device;
  readonly isFlapping: boolean;
  /** Within ten minutes. */
  readonly connects: number;
}

/** Tells devices that connect again and again: a weak network, a power supply that gives way, two with one token. */
export class Flapping {
  /** When each connected within the last ten minutes, oldest first: no more than one beyond the most. */
  readonly #connects = new Map<Device, number[]>();
  readonly #flapping = new Set<Device>();
  readonly #onChange: (change: FlappingChange) => void;
  #sweptMs = 0;

  constructor(onChange: (change: FlappingChange) => void) {
    this.#onChange = onChange;
  }

  connected(device: Device, nowMs: number): void {
    const times = this.#connects.get(device) ?? [];
    times.push(nowMs);
    if (times.length > MOST + 1) times.shift();
    this.#connects.set(device, times);
    if (device.standing.isFlapping || recent(times, nowMs) <= MOST) return;
    device.standing.isFlapping = true;
    this.#flapping.add(device);
    this.#onChange({ device, isFlapping: true, connects: times.length });
  }

  /** Sees who is steady again; to be called every now and then. */
  check(nowMs: number): void {
    for (const device of this.#flapping) {
      const connects = recent(this.#connects.get(device) ?? [], nowMs);
      if (connects > STEADY) continue;
      device.standing.isFlapping = false;
      this.#flapping.delete(device);
      this.#onChange({ device, isFlapping: false, connects });
    }
    if (nowMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = nowMs;
    for (const [device, times] of this.#connects) {
      if (recent(times, nowMs) === 0) this.#connects.delete(device);
    }
  }

  /** The device is gone. */
  forget(device: Device): void {
    this.#connects.delete(device);
    this.#flapping.delete(device);
  }
}

/** How many of the times are within the last ten minutes. */
function recent(times: readonly number[], nowMs: number): number {
  let count = 0;
  for (const at of times) if (nowMs - at < WITHIN_MS) count++;
  return count;
}
