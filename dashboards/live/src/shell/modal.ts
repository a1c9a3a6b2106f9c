import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * For a dialog that is open while it is in the tree: the browser's own keeps the focus inside, closes on Escape, and gives the
 * focus back where it came from. It opens in the same task as the click: keys that follow at once are the dialog's,
 * and not the page's below it.
 *
 * @param first what has the focus then; the browser's choice by default
 */
export function useModal(
  first?: (dialog: HTMLDialogElement) => HTMLElement | null | undefined,
): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    element.showModal();
    first?.(element)?.focus();
    // Closing gives the focus back; an element that is only removed does not.
    return () => element.close();
  }, []);
  return dialog;
}
