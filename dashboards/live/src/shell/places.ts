import { shell as words } from '../strings.js';
import type { IconName } from './icon.js';
import { alarmsHref, commandsHref, connectHref, fleetHref, type Route, systemHref } from './route.js';

/** A page that the bars lead to. */
interface Place {
  readonly page: Route['page'];
  readonly name: string;
  readonly href: string;
  readonly icon: IconName;
}

/** The places that exist, in the order of the bars. */
export const PLACES: readonly Place[] = [
  { page: 'fleet', name: words.fleet, href: fleetHref(), icon: 'fleet' },
  { page: 'alarms', name: words.alarms, href: alarmsHref(), icon: 'bell' },
  { page: 'commands', name: words.commands, href: commandsHref(), icon: 'cmd' },
  { page: 'connect', name: words.connect, href: connectHref(), icon: 'plug' },
  { page: 'system', name: words.system, href: systemHref(), icon: 'pulse' },
];
