import type { CommandDocument, DeviceView } from '@fieldline/protocol/browser';
import type { DeviceProfile } from '../live/profiles.js';

/** What the page knows of a device that may be meant. */
export interface Target {
  readonly id: string;
  readonly name: string;
  readonly online: boolean;
  readonly view: Pick<DeviceView, 'profile' | 'tags' | 'disabled'>;
}

/** Which devices are meant: those that were chosen, or all with this profile and these tags. */
export type Wanted =
  | { readonly kind: 'chosen'; readonly ids: readonly string[] }
  | {
      readonly kind: 'matching';
      readonly profile: string | null;
      readonly tags: Readonly<Record<string, string>>;
    };

/** The devices that are meant, by id. Chosen ones that are gone are left out. */
export function targetsOf<Device extends Target>(
  devices: ReadonlyMap<string, Device>,
  wanted: Wanted,
): Device[] {
  if (wanted.kind === 'chosen') return wanted.ids.flatMap((id) => devices.get(id) ?? []);
  const tags = Object.entries(wanted.tags);
  return [...devices.values()]
    .filter(({ view }) => wanted.profile === null || view.profile === wanted.profile)
    .filter(({ view }) => tags.every(([tag, value]) => view.tags[tag] === value))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A command that some of the devices take. */
export interface Offered {
  readonly name: string;
  readonly document: CommandDocument;
  /** How many take it. */
  readonly able: number;
}

/**
 * The commands that the profiles of the devices name, those that most devices take first. Of profiles that differ in
 * one the most frequent says how it is asked for; the hub checks each device's own.
 */
export function offeredTo(
  devices: readonly Target[],
  profileOf: (name: string | null) => DeviceProfile,
): Offered[] {
  const offered = new Map<string, { document: CommandDocument; able: number }>();
  for (const [profile, count] of [...countBy(devices)].sort(([, a], [, b]) => b - a)) {
    for (const [name, document] of Object.entries(profileOf(profile).commands ?? {})) {
      const before = offered.get(name);
      offered.set(name, { document: before?.document ?? document, able: (before?.able ?? 0) + count });
    }
  }
  return [...offered].map(([name, rest]) => ({ name, ...rest })).sort((a, b) => b.able - a.able);
}

function countBy(devices: readonly Target[]): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const { view } of devices) counts.set(view.profile, (counts.get(view.profile) ?? 0) + 1);
  return counts;
}

/** The devices of a job, and why others of those that were meant are not among them. */
export interface Sorted<Device> {
  readonly going: readonly Device[];
  /** Their profile does not name the command. */
  readonly unable: number;
  readonly disabled: number;
  /** Left out, or waited for among `going`. */
  readonly offline: number;
}

/**
 * Parts the devices that were meant. Without `waits` those that are offline are left out: the hub would count each as
 * a failure, and give the job up for it.
 * @param takes whether a profile names the command, or none says what there is
 */
export function sortTargets<Device extends Target>(
  devices: readonly Device[],
  takes: (profile: string | null) => boolean,
  waits: boolean,
): Sorted<Device> {
  const able = devices.filter(({ view }) => takes(view.profile));
  const allowed = able.filter(({ view }) => !view.disabled);
  const online = allowed.filter((device) => device.online);
  return {
    going: waits ? allowed : online,
    unable: devices.length - able.length,
    disabled: able.length - allowed.length,
    offline: allowed.length - online.length,
  };
}
