import { useEffect, useRef } from 'preact/hooks';
import type { Fleet } from './fleet.js';

const AGAIN_MS = 2_000;
/** A device that is not there by then is gone. */
const TRIES = 3;

/** Has the fleet ask for those devices of a list that it does not know. */
export function useNames(fleet: Fleet, items: readonly { readonly device: string }[]): void {
  const tries = useRef(new Map<string, number>());
  useEffect(() => {
    const ask = () => {
      if (fleet.status.peek().kind !== 'ready') return;
      const strangers = [...new Set(items.map(({ device }) => device))].filter(
        (id) => !fleet.devices.has(id) && (tries.current.get(id) ?? 0) < TRIES,
      );
      for (const id of strangers) tries.current.set(id, (tries.current.get(id) ?? 0) + 1);
      fleet.meet(strangers);
    };
    ask();
    // The list may be on its way, and one that was asked for before a device came drops it again.
    const timer = setInterval(ask, AGAIN_MS);
    return () => clearInterval(timer);
  }, [fleet, items]);
}
