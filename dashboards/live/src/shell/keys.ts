import { useEffect, useRef } from 'preact/hooks';

/** Handlers by `KeyboardEvent.key`; `g f` is a letter after the leader `g`, `Control k` also the Mac's command key. */
export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const LEADER = 'g';
/** A leader that is followed by nothing within this time is forgotten. */
const LEADER_MS = 1_500;

/** True where keys are text: nothing is a shortcut while somebody types, or in a dialog. */
function typing(event: KeyboardEvent): boolean {
  if (event.altKey || document.querySelector('dialog[open]')) return true;
  const { target } = event;
  return (
    target instanceof HTMLElement &&
    target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')
  );
}

/** Reads single keys and a letter after a leader, one key press after the other. */
export class KeyReader {
  #ledAt = Number.NEGATIVE_INFINITY;

  /** What a press means: `j`, `g f`, `Control k`; undefined where it is text, or half of something. */
  read(
    event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'timeStamp'>,
    isText: boolean,
  ): string | undefined {
    const { key, timeStamp } = event;
    // It belongs to the key that follows.
    if (key === 'Shift') return undefined;
    const led = timeStamp - this.#ledAt < LEADER_MS;
    this.#ledAt = Number.NEGATIVE_INFINITY;
    if (event.ctrlKey || event.metaKey) return `Control ${key}`;
    if (isText) return undefined;
    if (led) return `${LEADER} ${key}`;
    if (key === LEADER) {
      this.#ledAt = timeStamp;
      return undefined;
    }
    return key;
  }
}

const reader = new KeyReader();
const listeners = new Set<(key: string, event: KeyboardEvent) => void>();

function onKey(event: KeyboardEvent): void {
  // Under an open dialog even the palette waits: it would cover a question.
  if (document.querySelector('dialog[open]')) return;
  const key = reader.read(event, typing(event));
  if (key !== undefined) for (const listen of [...listeners]) listen(key, event);
}

/** Shortcuts of the view that is on screen. The handler decides about the default. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listen = (key: string, event: KeyboardEvent) => latest.current[key]?.(event);
    if (listeners.size === 0) addEventListener('keydown', onKey);
    listeners.add(listen);
    return () => {
      listeners.delete(listen);
      if (listeners.size === 0) removeEventListener('keydown', onKey);
    };
  }, []);
}
