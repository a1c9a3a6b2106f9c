import type { UplinkState } from '@fieldline/protocol';

/** How the connection stands, in a word or two for people. `refused` is the code of why the hub does not let it in. */
export function hubWord({ state, refused }: { state: UplinkState; refused: string | null }): string {
  if (refused !== null && state !== 'online') return `refuses it (${refused})`;
  return state === 'waiting' ? 'away' : state;
}
