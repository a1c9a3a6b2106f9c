import type { ProfileDocument } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { ApiError } from '../api/client.js';
import * as hub from '../api/hub.js';

/** What the page takes of a profile: how its metrics are shown, what can be asked of the device, and what set on it. */
export type DeviceProfile = Pick<ProfileDocument, 'metrics' | 'commands' | 'config'>;

const NONE: DeviceProfile = { metrics: {} };

/** Device profiles by name, asked for once each. Without an answer a device is shown as one without a profile. */
class Profiles {
  readonly #known = new Map<string, DeviceProfile>();
  readonly #asked = new Set<string>();
  readonly #missing = new Set<string>();
  /** Counts up when one arrives. */
  readonly arrived = signal(0);

  /** The profile, or an empty one until it is here. Reading it in a component waits for it. */
  get(name: string | null): DeviceProfile {
    void this.arrived.value;
    return this.peek(name);
  }

  /**
   * Whether a profile is in force: `none` for a device without one, or with one that the hub does not have; `unknown`
   * until the hub has answered. Reading it in a component waits for it.
   */
  standing(name: string | null): 'known' | 'none' | 'unknown' {
    void this.get(name);
    if (name === null || this.#missing.has(name)) return 'none';
    return this.#known.has(name) ? 'known' : 'unknown';
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
          this.#missing.delete(name);
          this.arrived.value++;
        },
        // Not found, or the hub is away: figures go without title and limits. The next visit asks again.
        (error) => {
          setTimeout(() => this.#asked.delete(name), 30_000);
          if (!(error instanceof ApiError) || error.status !== 404) return;
          this.#missing.add(name);
          this.arrived.value++;
        },
      );
    }
    return NONE;
  }
}

export const profiles = new Profiles();
