import type { SessionView } from '@fieldline/protocol/browser';
import { AlarmBadge } from '../alarms/alarm-badge.js';
import type { AlarmWatch } from '../alarms/alarm-watch.js';
import type { Arrivals } from '../live/arrivals.js';
import type { LiveSocket } from '../live/socket.js';
import { shell as words } from '../strings.js';
import { AccountMenu } from './account-menu.js';
import { Brand } from './brand.js';
import { FindButton } from './find-button.js';
import { HubLink } from './hub-link.js';
import { Icon } from './icon.js';
import { placesFor } from './places.js';
import type { Route } from './route.js';
import { nextTheme, theme } from './theme.js';
import { toast } from './toast.js';

interface TopBarProps {
  readonly socket: LiveSocket;
  readonly openedAt: number;
  readonly who: SessionView;
  readonly page: Route['page'];
  readonly onShortcuts: () => void;
  readonly onFind: () => void;
  readonly arrivals: Arrivals;
  readonly alarms: AlarmWatch;
}

/** Next theme, and its name said. */
export function turnTheme(): void {
  toast(words.themeSet[nextTheme()], 'theme');
}

/** Brand, places, link, theme, account. It names only places that exist. */
export function TopBar({ socket, openedAt, who, page, onShortcuts, onFind, arrivals, alarms }: TopBarProps) {
  return (
    <header class="top">
      <Brand />
      <nav class="nav" aria-label={words.main}>
        {placesFor(who.role).map((place) => (
          <a key={place.page} href={place.href} aria-current={place.page === page ? 'page' : undefined}>
            {place.name}
            {place.page === 'alarms' && <AlarmBadge watch={alarms} />}
          </a>
        ))}
      </nav>
      <span class="grow" />
      <FindButton onFind={onFind} />
      <HubLink socket={socket} openedAt={openedAt} arrivals={arrivals} />
      <button
        type="button"
        class="btn bare sq"
        aria-label={words.theme(theme.value)}
        aria-keyshortcuts="t"
        onClick={turnTheme}
      >
        <Icon name="theme" />
      </button>
      <AccountMenu who={who} onShortcuts={onShortcuts} />
    </header>
  );
}
