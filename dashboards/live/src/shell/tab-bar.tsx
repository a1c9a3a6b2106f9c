import { shell as words } from '../strings.js';
import { Icon } from './icon.js';
import { fleetHref, type Route, systemHref } from './route.js';

/** The places, at the foot of a phone. It names only places that exist. */
export function TabBar({ page }: { page: Route['page'] }) {
  const isSystem = page === 'system';
  return (
    <nav class="tabbar" aria-label={words.main}>
      <a href={fleetHref()} aria-current={page === 'device' || isSystem ? undefined : 'page'}>
        <Icon name="fleet" />
        {words.fleet}
      </a>
      <a href={systemHref()} aria-current={isSystem ? 'page' : undefined}>
        <Icon name="pulse" />
        {words.system}
      </a>
    </nav>
  );
}
