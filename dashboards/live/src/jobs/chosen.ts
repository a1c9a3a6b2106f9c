import { signal } from '@preact/signals';
import { go } from '../shell/navigation.js';
import { commandsHref } from '../shell/route.js';

/** Devices that were chosen in the fleet for a group job; none where they are chosen by profile and tag. */
export const chosen = signal<readonly string[]>([]);

/** Takes a selection of devices to where a group job is made. */
export function sendToMany(devices: readonly string[]): void {
  chosen.value = devices;
  go(commandsHref(NEW_JOB));
}

/** Where a group job is made, in the address. */
export const NEW_JOB = 'tab=jobs&new';
