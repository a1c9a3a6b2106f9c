import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { parseRoute, type Route } from './route.js';

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

export const route: ReadonlySignal<Route> = computed(() => parseRoute(hash.value));

/** Goes to another view; the browser's Back comes back. */
export function go(href: string): void {
  location.hash = href;
}

/** Notes a change of the same view in the address, without a step in the history. */
export function replace(href: string): void {
  history.replaceState(history.state, '', href);
  hash.value = location.hash;
}
