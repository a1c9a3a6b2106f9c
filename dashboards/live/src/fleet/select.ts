import type { LiveDevice } from '../live/device.js';
import { type DeviceState, stateOf } from '../live/state.js';
import type { FleetView } from './fleet-url.js';

/** One line of the list: a device, or the heading of a group. */
export type Row =
  | { readonly kind: 'group'; readonly key: string; readonly needy: boolean; readonly count: number }
  | { readonly kind: 'device'; readonly key: string; readonly device: LiveDevice };

export type Counts = Readonly<Record<DeviceState, number>>;

/** How urgent a state is: the list opens sorted by need. */
const NEED: Readonly<Record<DeviceState, number>> = { stale: 0, offline: 1, never: 2, online: 3, asleep: 4 };

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;

/** How many devices there are in each state, before any filter. */
export function countStates(devices: Iterable<LiveDevice>, now: number): Counts {
  const counts = { online: 0, asleep: 0, stale: 0, offline: 0, never: 0 };
  for (const device of devices) counts[stateOf(device, now)]++;
  return counts;
}

/** What search looks through: id, name, profile and tag values, in small letters. */
export function haystack(device: LiveDevice): string {
  const { id, name, profile, tags } = device.view;
  return [id, name ?? '', profile ?? '', ...Object.values(tags)].join('\n').toLowerCase();
}

/** The devices that the view shows, in its order. */
export function selectDevices(devices: Iterable<LiveDevice>, view: FleetView, now: number): LiveDevice[] {
  const q = view.q.trim().toLowerCase();
  const tags = Object.entries(view.tags);
  const shown: LiveDevice[] = [];
  for (const device of devices) {
    if (view.state && stateOf(device, now) !== view.state) continue;
    if (view.profile && device.view.profile !== view.profile) continue;
    if (tags.some(([name, value]) => device.view.tags[name] !== value)) continue;
    if (q && !haystack(device).includes(q)) continue;
    shown.push(device);
  }
  return shown.sort(order(view, now));
}

function order(view: FleetView, now: number): (a: LiveDevice, b: LiveDevice) => number {
  const named = (a: LiveDevice, b: LiveDevice) => byName(a.name, b.name) || byName(a.id, b.id);
  // A device that was never seen has been silent for ever.
  if (view.sort === 'silent') return (a, b) => (a.lastSeen ?? 0) - (b.lastSeen ?? 0) || named(a, b);
  if (view.sort === 'name') return named;
  return (a, b) => NEED[stateOf(a, now)] - NEED[stateOf(b, now)] || named(a, b);
}

/** The list with its headings: sorted by need and not filtered by state, trouble and the rest are told apart. */
export function selectRows(devices: readonly LiveDevice[], view: FleetView, now: number): Row[] {
  const rows = devices.map((device): Row => ({ kind: 'device', key: device.id, device }));
  if (view.sort !== 'attention' || view.state) return rows;
  const needy = devices.findIndex((device) => NEED[stateOf(device, now)] >= NEED.online);
  const count = needy < 0 ? devices.length : needy;
  if (count < devices.length) rows.splice(count, 0, group('as-expected', false, devices.length - count));
  if (count > 0) rows.unshift(group('needs-attention', true, count));
  return rows;
}

function group(key: string, needy: boolean, count: number): Row {
  return { kind: 'group', key: `:${key}`, needy, count };
}

/** A way to narrow the fleet: a profile or a tag, with the values that occur. */
export interface Facet {
  readonly name: string;
  readonly values: readonly string[];
}

const MOST_VALUES = 40;
const MOST_TAGS = 3;

/** How a fleet can be divided. */
export interface Facets {
  readonly profiles: readonly string[];
  readonly tags: readonly Facet[];
  /** Any device has any tag. */
  readonly tagged: boolean;
}

/** The profiles, and the tags that divide the fleet: those with two values or more, and few enough to choose from. */
export function facetsOf(devices: Iterable<LiveDevice>): Facets {
  const profiles = new Set<string>();
  const tags = new Map<string, Set<string>>();
  for (const { view } of devices) {
    if (view.profile) profiles.add(view.profile);
    for (const [name, value] of Object.entries(view.tags)) {
      const values = tags.get(name) ?? new Set();
      tags.set(name, values.add(value));
    }
  }
  return {
    profiles: [...profiles].sort(byName),
    tags: [...tags]
      .filter(([, values]) => values.size > 1 && values.size <= MOST_VALUES)
      .map(([name, values]) => ({ name, values: [...values].sort(byName) }))
      .sort((a, b) => a.values.length - b.values.length)
      .slice(0, MOST_TAGS),
    tagged: tags.size > 0,
  };
}
