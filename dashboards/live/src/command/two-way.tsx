import type { Value } from '@fieldline/protocol/browser';
import { useRef } from 'preact/hooks';
import { commands as words } from '../strings/commands.js';

interface TwoWayProps {
  readonly name: string;
  readonly options: readonly { readonly value: Value; readonly word: string }[];
  /** What the device reports; null where it never has. */
  readonly reported: Value | null;
  /** It is only the last known. */
  readonly old: boolean;
  /** What was asked for and is not reported yet; null for nothing. */
  readonly asked: Value | null;
  readonly onAsk: (value: Value) => void;
}

/**
 * A control that shows what the device reports, never what was clicked. Arrows move between the options without asking;
 * Enter and Space ask.
 */
export function TwoWay({ name, options, reported, old, asked, onAsk }: TwoWayProps) {
  const group = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...(group.current?.querySelectorAll('button') ?? [])];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  const inTabOrder = options.some(({ value }) => value === reported) ? reported : options[0]?.value;
  return (
    <div
      class={`two ${old ? 'old' : ''}`}
      role="radiogroup"
      aria-label={name}
      ref={group}
      onKeyDown={onKeyDown}
    >
      {options.map(({ value, word }) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio of the browser would show what was clicked
        <button
          key={String(value)}
          type="button"
          role="radio"
          class={value === asked ? 'asked' : ''}
          aria-checked={value === reported}
          title={value === asked ? words.askedSays(word) : undefined}
          tabIndex={value === inTabOrder ? 0 : -1}
          onClick={() => onAsk(value)}
        >
          {word}
        </button>
      ))}
    </div>
  );
}
