import { shell as words } from '../strings.js';
import { Mark } from './icon.js';
import { fleetHref } from './route.js';

/** The mark and the name, at the head of every page: back to the fleet. */
export function Brand() {
  return (
    <a class="brand" href={fleetHref()} aria-label={words.brand}>
      <Mark size={24} />
      <span>Fieldline</span>
    </a>
  );
}
