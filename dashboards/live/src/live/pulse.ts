import { type ReadonlySignal, signal } from '@preact/signals';
import { hubClock } from '../api/client.js';

const second = signal(hubClock.now());

/** Now by the hub's clock, once a second: what re-labels the ages of everything in view. */
export const pulse: ReadonlySignal<number> = second;

let timer: ReturnType<typeof setInterval> | undefined;

/** Starts the pulse; a hidden page keeps none, and catches up when it is shown. */
export function startPulse(): void {
  const beat = () => {
    second.value = hubClock.now();
  };
  const follow = () => {
    clearInterval(timer);
    if (document.hidden) return;
    beat();
    timer = setInterval(beat, 1000);
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}
