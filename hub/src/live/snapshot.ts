import type { DeviceDirectory } from '../devices/directory.js';
import { type Frame, snapshotFrame } from './frames.js';
import type { LiveLimits } from './limits.js';
import { type Subscription, selects } from './subscription.js';
import { valueText } from './track.js';

/**
 * The answer to a subscription: its devices as they are, in frames of bounded size. Which devices is settled
 * at the start; each frame shows them as they are when it is taken. A frame that waited for a slow viewer is
 * therefore never older than the updates that went before it.
 */
export class Snapshot {
  readonly id: number;
  readonly #subscription: Subscription;
  readonly #directory: DeviceDirectory;
  readonly #limits: LiveLimits;
  readonly #devices: readonly string[];
  #next = 0;
  #done = false;

  constructor(subscription: Subscription, directory: DeviceDirectory, limits: LiveLimits) {
    this.id = subscription.id;
    this.#subscription = subscription;
    this.#directory = directory;
    this.#limits = limits;
    this.#devices = devicesOf(subscription, directory);
  }

  /** Whether the last frame, that with `more` false, has been taken. */
  get done(): boolean {
    return this.#done;
  }

  takeFrame(): Frame {
    const { chunkDevices, chunkBytes } = this.#limits;
    const texts: string[] = [];
    let size = 0;
    while (this.#next < this.#devices.length && texts.length < chunkDevices && size < chunkBytes) {
      const device = this.#devices[this.#next];
      this.#next += 1;
      // It may have been deleted since the snapshot began.
      if (device === undefined || !this.#directory.has(device)) continue;
      const text = this.#deviceText(device);
      texts.push(text);
      size += text.length;
    }
    this.#done = this.#next >= this.#devices.length;
    return snapshotFrame(this.id, texts, !this.#done);
  }

  #deviceText(device: string): string {
    const { metrics, what } = this.#subscription;
    const values: string[] = [];
    if (what.has('telemetry')) {
      for (const [metric, { time, value }] of this.#directory.latest(device)) {
        if (metrics === null || metrics.has(metric)) values.push(`"${metric}":[${time},${valueText(value)}]`);
      }
    }
    return `{"id":"${device}","online":${this.#directory.online(device)},"values":{${values.join(',')}}}`;
  }
}

/** A subscription to neither telemetry nor status has no state to show: its snapshot is empty. */
function devicesOf({ selector, what }: Subscription, directory: DeviceDirectory): readonly string[] {
  if (!what.has('telemetry') && !what.has('status')) return [];
  if (selector.kind === 'list') return [...selector.devices];
  const devices = [...directory.ids()];
  if (selector.kind === 'all') return devices;
  return devices.filter((device) => selects(selector, device, directory.tags(device)));
}
