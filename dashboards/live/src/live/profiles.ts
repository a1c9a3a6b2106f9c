import type { ProfileDocument } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import * as hub from '../api/hub.js';

/** What the page takes of a profile: how its metrics are shown. */
export type DeviceProfile = Pick<ProfileDocument, 'metrics'>;

const NONE: DeviceProfile = { metrics: {} };

/** Device profiles by name, asked for once each. Without an answer a device is shown as one without a profile. */
class Profiles {
  readonly #known = new Map<string, DeviceProfile>();
  readonly #asked = new Set<string>();
  /** Counts up when one arrives. */
  readonly arrived = signal(0);

  /** The profile, or an empty one until it is here. Reading it in a component waits for it. */
  get(name: string | null): DeviceProfile {
    void this.arrived.value;
    return this.peek(name);
  }

  peek(name: string | null): DeviceProfile {
    if (name === null) return NONE;
    const known = this.#known.get(name);
    if (known) return known;
    if (!this.#asked.has(name)) {
      this.#asked.add(name);
      hub.profile(name).then(
        (profile) => {
          this.#known.set(name, profile);
          this.arrived.value++;
        },
        // Not found, or the hub is away: figures go without title and limits. The next visit asks again.
        () => setTimeout(() => this.#asked.delete(name), 30_000),
      );
    }
    return NONE;
  }
}

export const profiles = new Profiles();
