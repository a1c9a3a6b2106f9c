import { Brand } from './brand.js';

/**
 * What is on screen until the hub has said who this is: the bar of every page, without what depends on the answer. A hub
 * that is busy answers late, and an empty window looks broken.
 */
export function Opening() {
  return (
    <header class="opening">
      <Brand />
    </header>
  );
}
