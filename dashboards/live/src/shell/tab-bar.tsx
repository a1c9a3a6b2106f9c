import { AlarmBadge } from '../alarms/alarm-badge.js';
import type { AlarmWatch } from '../alarms/alarm-watch.js';
import { shell as words } from '../strings.js';
import { Icon } from './icon.js';
import { placesFor } from './places.js';
import type { Route } from './route.js';
import { role } from './session.js';

/** The places, at the foot of a phone. It names only places that exist. */
export function TabBar({ page, alarms }: { page: Route['page']; alarms: AlarmWatch }) {
  return (
    <nav class="tabbar" aria-label={words.main}>
      {placesFor(role()).map((place) => (
        <a key={place.page} href={place.href} aria-current={place.page === page ? 'page' : undefined}>
          <Icon name={place.icon} />
          {place.name}
          {place.page === 'alarms' && <AlarmBadge watch={alarms} />}
        </a>
      ))}
    </nav>
  );
}
