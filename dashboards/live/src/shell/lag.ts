import type { Lag } from '@fieldline/protocol/browser';
import { signal } from '@preact/signals';

/** The hub skipped updates for this viewer: how many in all, and since when. */
export interface Behind {
  readonly dropped: number;
  readonly since: number;
}

/** A lag is told when it is over; the page shows it for as long as another may follow. */
const SHOWN_MS = 30_000;

export const behind = signal<Behind | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Takes the hub's word that updates were skipped. */
export function noteLag({ dropped, since }: Lag): void {
  const before = behind.value;
  behind.value = { dropped: (before?.dropped ?? 0) + dropped, since: before?.since ?? since };
  clearTimeout(timer);
  timer = setTimeout(() => {
    behind.value = null;
  }, SHOWN_MS);
}
