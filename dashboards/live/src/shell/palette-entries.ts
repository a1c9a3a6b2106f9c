import { hubClock } from '../api/client.js';
import type { Fleet } from '../fleet/fleet.js';
import { stateOf } from '../live/state.js';
import { palette as words } from '../strings/palette.js';
import { go } from './navigation.js';
import type { PageAction } from './page-actions.js';
import type { Entry } from './palette-find.js';
import { placesFor } from './places.js';
import { deviceHref, type Route } from './route.js';
import { role } from './session.js';
import { turnTheme } from './top-bar.js';

interface Sources {
  readonly fleet: Fleet;
  readonly at: Route;
  readonly actions: readonly PageAction[];
  readonly onShortcuts: () => void;
}

/** Everything that can be found from where the page is. */
export function paletteEntries({ fleet, at, actions, onShortcuts }: Sources): Entry[] {
  return [
    ...placesFor(role()).map(
      ({ page, title, href, icon, keys }): Entry => ({
        group: 'go',
        name: title,
        icon,
        keys,
        run: () => page === at.page || go(href),
      }),
    ),
    ...devices(fleet),
    ...actions.map((action): Entry => ({ group: 'page', ...action })),
    { group: 'page', name: words.theme, icon: 'theme', keys: 't', run: turnTheme },
    { group: 'page', name: words.shortcuts, icon: 'keys', keys: '?', run: onShortcuts },
  ];
}

function devices(fleet: Fleet): Entry[] {
  const now = hubClock.now();
  const entries = [...fleet.devices.values()].map((device): Entry => {
    const { name, profile, tags } = device.view;
    return {
      group: 'devices',
      name: device.name,
      ...(name !== null && { sub: device.id }),
      more: [profile ?? '', ...Object.values(tags)].join(' '),
      icon: stateOf(device, now),
      run: () => go(deviceHref(device.id)),
    };
  });
  // What needs somebody is what somebody most likely looks for.
  const calm = (entry: Entry) => (entry.icon === 'online' || entry.icon === 'asleep' ? 1 : 0);
  return entries.sort((a, b) => calm(a) - calm(b));
}
