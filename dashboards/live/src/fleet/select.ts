import type { LiveDevice } from '../live/device.js';
import type { Severity } from '../live/raised.js';
import { type DeviceState, stateOf } from '../live/state.js';
import type { FleetView } from './fleet-url.js';
import { SIGNAL } from './main-metric.js';
import { type Outage, outageOf } from './outage.js';

/** One line of the list: a device, or the heading of a group. */
export type Row =
  | {
      readonly kind: 'group';
      readonly key: string;
      readonly needy: boolean;
      readonly count: number;
      readonly outage: Outage | undefined;
    }
  | { readonly kind: 'device'; readonly key: string; readonly device: LiveDevice };

export type Counts = Readonly<Record<DeviceState, number>>;

/** What the list is made from, beside the devices themselves. */
export interface Around {
  /** Now, ms by the hub's clock. */
  readonly now: number;
  readonly raised: ReadonlyMap<string, Severity>;
  /** The number that stands for a device; undefined where none does. */
  readonly valueOf: (device: LiveDevice) => number | undefined;
}

/** How urgent a state is: the list opens sorted by need, alarms before all. */
const NEED: Readonly<Record<DeviceState, number>> = { stale: 1, offline: 2, never: 3, online: 4, asleep: 5 };
const CALM = NEED.online;

const needOf = (device: LiveDevice, { now, raised }: Around): number =>
  raised.has(device.id) ? 0 : NEED[stateOf(device, now)];

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;

/** All devices by name: sorted once, since to compare names is dear, and every other order builds on it. */
export function sortByName(devices: Iterable<LiveDevice>): LiveDevice[] {
  return [...devices].sort((a, b) => byName(a.name, b.name) || byName(a.id, b.id));
}

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

/** The devices that the view shows, in its order. @param named all of them, by name */
export function selectDevices(named: readonly LiveDevice[], view: FleetView, around: Around): LiveDevice[] {
  const q = view.q.trim().toLowerCase();
  const tags = Object.entries(view.tags);
  const shown: LiveDevice[] = [];
  for (const device of named) {
    if (view.state === 'alarm' && !around.raised.has(device.id)) continue;
    if (view.state && view.state !== 'alarm' && stateOf(device, around.now) !== view.state) continue;
    if (view.profile && device.view.profile !== view.profile) continue;
    if (tags.some(([name, value]) => device.view.tags[name] !== value)) continue;
    if (q && !haystack(device).includes(q)) continue;
    shown.push(device);
  }
  return inOrder(shown, view, around);
}

/** Sorting is stable, so that what is equal stays by name. */
function inOrder(devices: LiveDevice[], { sort }: FleetView, around: Around): LiveDevice[] {
  if (sort === 'name') return devices;
  // A device that was never seen has been silent for ever.
  if (sort === 'silent') return devices.sort((a, b) => (a.lastSeen ?? 0) - (b.lastSeen ?? 0));
  const keys = new Map(
    devices.map((device) => [
      device,
      sort === 'value' ? -(around.valueOf(device) ?? Number.NEGATIVE_INFINITY) : needOf(device, around),
    ]),
  );
  const key = (device: LiveDevice) => keys.get(device) ?? 0;
  // Two that have no value are equal, and not NaN apart.
  return devices.sort((a, b) => (key(a) === key(b) ? 0 : key(a) - key(b)));
}

/** The list with its headings: sorted by need and not filtered by state, trouble and the rest are told apart. */
export function selectRows(devices: readonly LiveDevice[], view: FleetView, around: Around): Row[] {
  const rows = devices.map((device): Row => ({ kind: 'device', key: device.id, device }));
  if (view.sort !== 'attention' || view.state) return rows;
  const calm = devices.findIndex((device) => needOf(device, around) >= CALM);
  const count = calm < 0 ? devices.length : calm;
  if (count < devices.length) rows.splice(count, 0, group('as-expected', false, devices.length - count));
  if (count > 0) rows.unshift(group('needs-attention', true, count, outageOf(devices)));
  return rows;
}

function group(key: string, needy: boolean, count: number, outage?: Outage): Row {
  return { kind: 'group', key: `:${key}`, needy, count, outage };
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
  /** The other tags, as far as they have few enough values to choose from. */
  readonly more: readonly Facet[];
  /** Any device has any tag. */
  readonly tagged: boolean;
  /** Any device tells how strong its radio signal is. */
  readonly hasSignal: boolean;
}

/** The profiles, and the tags that divide the fleet: those with two values or more, and few enough to choose from. */
export function facetsOf(devices: Iterable<LiveDevice>): Facets {
  const profiles = new Set<string>();
  const tags = new Map<string, Set<string>>();
  let hasSignal = false;
  for (const { view, latest } of devices) {
    hasSignal ||= latest.has(SIGNAL);
    if (view.profile) profiles.add(view.profile);
    for (const [name, value] of Object.entries(view.tags)) {
      const values = tags.get(name) ?? new Set();
      tags.set(name, values.add(value));
    }
  }
  const known = [...tags]
    .filter(([, values]) => values.size <= MOST_VALUES)
    .map(([name, values]) => ({ name, values: [...values].sort(byName) }))
    .sort((a, b) => a.values.length - b.values.length);
  const dividing = known.filter(({ values }) => values.length > 1).slice(0, MOST_TAGS);
  return {
    profiles: [...profiles].sort(byName),
    tags: dividing,
    more: known.filter((facet) => !dividing.includes(facet)).sort((a, b) => byName(a.name, b.name)),
    tagged: tags.size > 0,
    hasSignal,
  };
}
