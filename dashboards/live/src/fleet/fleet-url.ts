import { type DeviceState, STATES } from '../live/state.js';

export type Sort = 'attention' | 'name' | 'silent' | 'value';
export const SORTS: readonly Sort[] = ['attention', 'name', 'silent', 'value'];

/** What a device can be filtered by: its state, or that an alarm of it is raised. */
export type StateFilter = DeviceState | 'alarm';
const FILTERS: readonly StateFilter[] = [...STATES, 'alarm'];

/** What of the fleet is shown, and in what order. All of it lives in the address. */
export interface FleetView {
  readonly state: StateFilter | null;
  readonly q: string;
  readonly profile: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly sort: Sort;
  readonly tiles: boolean;
}

export const WHOLE_FLEET: FleetView = {
  state: null,
  q: '',
  profile: null,
  tags: {},
  sort: 'attention',
  tiles: false,
};

/** Reads `state=offline&q=…&profile=…&tag.site=…&sort=name&view=tiles`; what it does not know is ignored. */
export function parseFleetView(search: URLSearchParams): FleetView {
  const tags: Record<string, string> = {};
  for (const [name, value] of search) if (name.startsWith('tag.') && value) tags[name.slice(4)] = value;
  return {
    state: FILTERS.find((state) => state === search.get('state')) ?? null,
    q: search.get('q') ?? '',
    profile: search.get('profile') || null,
    tags,
    sort: SORTS.find((sort) => sort === search.get('sort')) ?? 'attention',
    tiles: search.get('view') === 'tiles',
  };
}

/** Writes only what differs from the whole fleet, so that the plain view has a plain address. */
export function formatFleetView(view: FleetView): string {
  const search = new URLSearchParams();
  if (view.state) search.set('state', view.state);
  if (view.q) search.set('q', view.q);
  if (view.profile) search.set('profile', view.profile);
  for (const [name, value] of Object.entries(view.tags)) search.set(`tag.${name}`, value);
  if (view.sort !== 'attention') search.set('sort', view.sort);
  if (view.tiles) search.set('view', 'tiles');
  return search.toString();
}

/** True when something hides a device. */
export function filters(view: FleetView): boolean {
  return view.state !== null || view.q !== '' || view.profile !== null || Object.keys(view.tags).length > 0;
}
