import type { Role } from '@fieldline/protocol/browser';
import { may } from '../command/permit.js';
import { shell as words } from '../strings.js';
import type { IconName } from './icon.js';
import { alarmsHref, commandsHref, connectHref, fleetHref, type Route, systemHref } from './route.js';

/** A page that the bars lead to. */
interface Place {
  readonly page: Route['page'];
  readonly name: string;
  readonly href: string;
  /** What it is called where there is room, and the keys that lead to it. */
  readonly title: string;
  readonly keys: string;
  readonly icon: IconName;
  /** Who finds something to do there; everybody by default. */
  readonly needs?: Role;
}

/** The places that exist, in the order of the bars. */
export const PLACES: readonly Place[] = [
  { page: 'fleet', ...named(words.fleet), href: fleetHref(), icon: 'fleet', keys: 'g f' },
  { page: 'alarms', ...named(words.alarms), href: alarmsHref(), icon: 'bell', keys: 'g a' },
  { page: 'commands', ...named(words.commands), href: commandsHref(), icon: 'cmd', keys: 'g c' },
  {
    page: 'connect',
    name: words.connect,
    title: words.connectDevice,
    href: connectHref(),
    icon: 'plug',
    keys: 'n',
    needs: 'operator',
  },
  { page: 'system', ...named(words.system), href: systemHref(), icon: 'pulse', keys: 'g s' },
];

/** The places where somebody with this role finds something to do. */
export const placesFor = (role: Role): readonly Place[] =>
  PLACES.filter(({ needs }) => needs === undefined || may(role, needs));

function named(name: string): { name: string; title: string } {
  return { name, title: name };
}
