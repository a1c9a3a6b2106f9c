import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { IconName } from './icon.js';

/** Something that the page on screen can do, for the palette. */
export interface PageAction {
  readonly name: string;
  readonly icon: IconName;
  /** Under which heading; what the page can do by default. */
  readonly group?: 'device';
  /** The keys that do the same, as they are shown. */
  readonly keys?: string;
  readonly run: () => void;
}

/** What the page on screen can do. */
export const pageActions = signal<readonly PageAction[]>([]);

/** Offers actions in the palette while the calling page is on screen. */
export function usePageActions(actions: readonly PageAction[]): void {
  // Set on each drawing, so that an action never works on an older view.
  useEffect(() => {
    pageActions.value = actions;
  });
  useEffect(
    () => () => {
      pageActions.value = [];
    },
    [],
  );
}
