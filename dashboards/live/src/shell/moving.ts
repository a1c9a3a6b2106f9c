import { signal } from '@preact/signals';

/** Counts up when a long list has come to rest after a scroll: what rested meanwhile starts anew. */
export const settled = signal(0);

const SETTLED_MS = 150;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Marks a list while it is being scrolled. The bars in it rest meanwhile: each that runs is a layer of its own, which
 * together cost more than half of the frames.
 */
export function noteMoving(list: HTMLElement): void {
  list.classList.add('moving');
  clearTimeout(timer);
  timer = setTimeout(() => {
    list.classList.remove('moving');
    settled.value++;
  }, SETTLED_MS);
}
