import type { Role, SessionView } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { ApiError, whenUnauthorised } from '../api/client.js';
import * as hub from '../api/hub.js';
import { login as words } from '../strings.js';
import { replace } from './navigation.js';
import { fleetHref } from './route.js';

export type Session =
  | { readonly state: 'asking' }
  | { readonly state: 'in'; readonly who: SessionView }
  | { readonly state: 'out' }
  /** The hub does not answer, so nobody knows. */
  | { readonly state: 'unreachable' };

/** Who is logged in. The cookie itself is out of a script's reach, as it should be. */
export const session = signal<Session>({ state: 'asking' });

whenUnauthorised(() => {
  session.value = { state: 'out' };
});

/** What whoever is logged in may do; the least while nobody is. Reading it in a component follows it. */
export const role = (): Role => (session.value.state === 'in' ? session.value.who.role : 'viewer');

/** Asks the hub who this is. */
export async function askSession(): Promise<void> {
  try {
    session.value = { state: 'in', who: await hub.who() };
  } catch (error) {
    const refused = error instanceof ApiError && (error.status === 401 || error.status === 403);
    session.value = { state: refused ? 'out' : 'unreachable' };
  }
}

/** Asks whether the session still holds. Only a refusal changes anything: a hub that is away may hold it yet. */
export async function confirmSession(): Promise<void> {
  const who = await hub.who().catch(() => undefined);
  if (who && session.value.state === 'in') session.value = { state: 'in', who };
}

/** Logs in and says what went wrong, in words; undefined when all is well. */
export async function logIn(attempt: () => Promise<unknown>, refused: string): Promise<string | undefined> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) return words.away;
    if (error.status === 429) return words.tooMany;
    return error.status < 500 ? refused : error.message;
  }
  await askSession();
  return undefined;
}

/** Uses up a one-time code from the address, and takes it out of the address whatever comes of it. */
export async function logInByCode(code: string): Promise<string | undefined> {
  const trouble = await logIn(() => hub.logInByCode(code), words.codeUsed);
  replace(fleetHref());
  return trouble;
}

/** Ends the session at the hub. @throws ApiError when the hub cannot be told */
export async function logOut(): Promise<void> {
  await hub.logOut();
  session.value = { state: 'out' };
}
