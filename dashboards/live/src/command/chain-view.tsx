import { Icon } from '../shell/icon.js';
import type { Step } from './chain.js';

const lookOf = ({ look, proof }: Step): string =>
  [look === 'next' ? 'next' : look === 'plain' ? '' : `is-${look}`, proof ? 'proof' : ''].join(' ');

/** The way of a command. Solid: it happened. Dashed: it may still. Hatched: not known. */
export function Chain({ steps }: { steps: readonly Step[] }) {
  return (
    <ol class="chain">
      {steps.map((step) => (
        <li key={step.word} class={lookOf(step)}>
          <Icon name={step.glyph} glyph />
          <b>{step.word}</b>
          <span class="sub">{step.detail}</span>
        </li>
      ))}
    </ol>
  );
}

/** The same, small, in a row. Its words stand in the badge beside it. */
export function Links({ steps }: { steps: readonly Step[] }) {
  return (
    <span class="links" aria-hidden="true">
      {steps.map((step, index) => (
        <span
          key={step.word}
          class={step.look === 'next' ? 'is-never' : step.look === 'plain' ? '' : `is-${step.look}`}
        >
          {index > 0 && <i class={step.look === 'unknown' ? 'h' : step.look === 'next' ? 'd' : ''} />}
          <Icon name={step.glyph} glyph />
        </span>
      ))}
    </span>
  );
}
