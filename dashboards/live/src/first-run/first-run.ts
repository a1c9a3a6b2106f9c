import type { SessionView } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { entrance } from '../api/client.js';
import * as hub from '../api/hub.js';

/** Whether whoever logged in by the hub's link is to become the first admin before anything else. */
export const firstRun = signal(false);

/** Whether an admin is told, above the page, that this hub has no users. */
export const adminMissing = signal(false);

/** Said once, it is not asked again before the next load. */
let isPutOff = false;

/** Looks whether a log-in by a link was the first on a hub without users. */
export async function noteFirstRun({ role, user }: SessionView): Promise<void> {
  if (role !== 'admin' || user === true) return;
  firstRun.value = await hasNoUsers();
}

/** Tells an admin who is no user where there is none at all. */
export async function noteMissingAdmin({ role, user }: SessionView): Promise<void> {
  if (role === 'admin' && user !== true && !isPutOff) adminMissing.value = await hasNoUsers();
}

/** Whoever is asked wants to see the hub first. */
export function putOff(): void {
  isPutOff = true;
  firstRun.value = false;
  adminMissing.value = false;
}

/** A hub that does not say is taken for an old one. */
async function hasNoUsers(): Promise<boolean> {
  const users = await hub.users().catch(() => null);
  return users?.items.length === 0;
}

/**
 * Makes the first admin, ends the log-in of the link, and logs in by name and password. The rest of the page has to be
 * told of the new log-in.
 * @throws ApiError
 */
export async function makeFirstAdmin(username: string, password: string): Promise<void> {
  await hub.addUser({ username, password, role: 'admin' });
  // Both may fail without harm: the old log-in ends by itself, and the new one can be made at the door.
  await entrance.logOut().catch(() => {});
  await hub.logIn(username, password);
}
