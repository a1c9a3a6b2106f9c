import type { DeviceDirectory } from '../devices/directory.js';
import { Audience } from './audience.js';
import type { CommitClock, Interest } from './lane.js';
import type { Subscription } from './subscription.js';
import { NO_TAGS, Track } from './track.js';
import type { Viewer } from './viewer.js';

/**
 * Who wants what: the audiences, and for each device those that it concerns. What was found for a device is
 * kept with its track until subscriptions, or the device's tags, change.
 */
export class Audiences {
  readonly #directory: DeviceDirectory;
  readonly #clock: CommitClock;
  readonly #byKey = new Map<string, Audience>();
  /** Audiences with an open selection. */
  readonly #open = new Set<Audience>();
  /** Audiences that list their devices, by device. */
  readonly #listed = new Map<string, Set<Audience>>();
  readonly #tracks = new Map<string, Track>();
  /** Counts changes that may concern any device. */
  #openChanges = 0;
  #byTags = 0;
  #raw = 0;

  constructor(directory: DeviceDirectory, clock: CommitClock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Whether anybody asked for raw frames of any device. */
  get wantsRaw(): boolean {
    return this.#raw > 0;
  }

  /** Puts a viewer among those who ask for the same. */
  join(viewer: Viewer, subscriptions: readonly Subscription[]): Audience {
    const key = Audience.keyOf(subscriptions);
    let audience = this.#byKey.get(key);
    if (audience === undefined) {
      audience = new Audience(key, subscriptions, this.#clock);
      this.#byKey.set(key, audience);
      this.#index(audience);
    }
    audience.viewers.add(viewer);
    return audience;
  }

  leave(viewer: Viewer, audience: Audience): void {
    audience.viewers.delete(viewer);
    if (audience.viewers.size > 0) return;
    audience.close();
    this.#byKey.delete(audience.key);
    this.#unindex(audience);
    if (this.#byKey.size === 0) this.#tracks.clear();
  }

  /** The track of a device, with those whom it concerns at this moment. */
  track(device: string): Track {
    let track = this.#tracks.get(device);
    if (track === undefined) {
      track = new Track(device, this.#directory.latest(device));
      this.#tracks.set(device, track);
    }
    // The directory hands out the registry's own record of tags, and a new one after a change.
    const tags = this.#byTags > 0 ? this.#directory.tags(device) : NO_TAGS;
    if (track.routedAt !== this.#openChanges || track.routedTags !== tags) this.#route(track, tags);
    return track;
  }

  /** Forgets devices that were deleted. */
  sweep(): void {
    for (const device of this.#tracks.keys()) {
      if (!this.#directory.has(device)) this.#tracks.delete(device);
    }
  }

  #route(track: Track, tags: Readonly<Record<string, string>>): void {
    const { device } = track;
    const named = this.#listed.get(device) ?? [];
    const audiences = [...this.#open, ...named].filter((audience) => audience.selects(device, tags));
    const before = new Map(track.interests.map((interest) => [interest.lane, interest]));
    const interests: Interest[] = [];
    for (const audience of audiences) {
      for (const { lane, covers } of audience.lanesOf(device, tags)) {
        // The same object as before, since the lane may hold it as changed.
        const interest = before.get(lane) ?? { track, lane, covers, dirty: false };
        interest.covers = covers;
        interests.push(interest);
      }
    }
    track.audiences = audiences;
    track.interests = interests;
    track.routedAt = this.#openChanges;
    track.routedTags = tags;
  }

  #index(audience: Audience): void {
    if (audience.listed === null) {
      this.#open.add(audience);
    } else {
      for (const device of audience.listed) {
        const named = this.#listed.get(device);
        if (named === undefined) this.#listed.set(device, new Set([audience]));
        else named.add(audience);
      }
    }
    if (audience.byTags) this.#byTags += 1;
    if (audience.wantsRaw) this.#raw += 1;
    this.#changed(audience);
  }

  #unindex(audience: Audience): void {
    this.#open.delete(audience);
    for (const device of audience.listed ?? []) {
      const named = this.#listed.get(device);
      named?.delete(audience);
      if (named?.size === 0) this.#listed.delete(device);
    }
    if (audience.byTags) this.#byTags -= 1;
    if (audience.wantsRaw) this.#raw -= 1;
    this.#changed(audience);
  }

  #changed(audience: Audience): void {
    if (audience.listed === null) {
      this.#openChanges += 1;
      return;
    }
    for (const device of audience.listed) {
      const track = this.#tracks.get(device);
      if (track !== undefined) track.routedAt = -1;
    }
  }
}
