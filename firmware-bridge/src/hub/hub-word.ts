import type { UplinkState } from '@fieldline/protocol';

/** How the connection stands, in a few words for people. `refused` is the code of why the hub does not let it in. */
export function hubWord({ state, refused }: { state: UplinkState; refused: string | null }): string {
  if (refused !== null && state !== 'online') return `refuses it (${refused})`;
  if (state === 'idle') return 'nothing to send';
  return state === 'waiting' ? 'away' : state;
}
