import type { Page } from '@fieldline/protocol/browser';
import { useCallback, useEffect, useState } from 'preact/hooks';

/** A list of the API that is read page by page. */
export interface Paged<Item> {
  readonly items: readonly Item[];
  readonly state: 'loading' | 'ready' | 'failed';
  readonly reason: string;
  /** There is more to ask for. */
  readonly more: boolean;
  readonly next: () => void;
  readonly again: () => void;
}

interface Kept<Item> {
  readonly items: readonly Item[];
  readonly state: Paged<Item>['state'];
  readonly reason: string;
  readonly cursor: string | undefined;
}

/** Reads the first page at once, and further ones when asked. `ask` must keep its identity. */
export function usePaged<Item>(ask: (cursor?: string) => Promise<Page<Item>>): Paged<Item> {
  const [kept, setKept] = useState<Kept<Item>>({
    items: [],
    state: 'loading',
    reason: '',
    cursor: undefined,
  });
  const load = useCallback(
    async (before: readonly Item[], cursor?: string) => {
      setKept((old) => ({ ...old, state: 'loading' }));
      try {
        const page = await ask(cursor);
        setKept({
          items: [...before, ...page.items],
          state: 'ready',
          reason: '',
          cursor: page.next ?? undefined,
        });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        setKept((old) => ({ ...old, state: 'failed', reason }));
      }
    },
    [ask],
  );
  useEffect(() => void load([]), [load]);
  return {
    ...kept,
    more: kept.cursor !== undefined,
    next: () => void load(kept.items, kept.cursor),
    again: () => void load([]),
  };
}
