import type { Role, SessionView } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';
import { ApiError, whenUnauthorised } from '../api/client.js';
import * as hub from '../api/hub.js';
import { noteFirstRun } from '../first-run/first-run.js';
import { login as words } from '../strings.js';
import { replace } from './navigation.js';
import { fleetHref } from './route.js';

export type Session =
  | { readonly state: 'asking' }
  | { readonly state: 'in'; readonly who: SessionView }
  | { readonly state: 'out' }
  /** It held, and holds no more: the page stays, and asks for the password above it. */
  | { readonly state: 'over'; readonly who: SessionView }
  /** The hub does not answer, so nobody knows. */
  | { readonly state: 'unreachable' };

/** Who is logged in. The cookie itself is out of a script's reach, as it should be. */
export const session = signal<Session>({ state: 'asking' });

whenUnauthorised(() => {
  const { value } = session;
  if (value.state === 'in') session.value = { state: 'over', who: value.who };
  else if (value.state !== 'over') session.value = { state: 'out' };
});

/** What whoever is logged in may do; the least while nobody is. Reading it in a component follows it. */
export const role = (): Role => ('who' in session.value ? session.value.who.role : 'viewer');

/** Asks the hub who this is. */
export async function askSession(): Promise<void> {
  try {
    session.value = { state: 'in', who: await hub.who() };
  } catch (error) {
    // A 401 has said so itself.
    if (error instanceof ApiError && error.status === 401) return;
    // A hub that is away says nothing of a session: the page that is on screen stays.
    if (session.value.state === 'over') return;
    const refused = error instanceof ApiError && error.status === 403;
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
  const enter = async () => noteFirstRun(await hub.logInByCode(code));
  const trouble = await logIn(enter, words.codeUsed);
  replace(fleetHref());
  return trouble;
}

/** Ends the session at the hub. @throws ApiError when the hub cannot be told */
export async function logOut(): Promise<void> {
  await hub.logOut();
  session.value = { state: 'out' };
}

/** Gives the page up after the session's end: somebody else logs in. */
export function leave(): void {
  session.value = { state: 'out' };
}
