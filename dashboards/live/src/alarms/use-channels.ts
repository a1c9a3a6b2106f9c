import type { AlarmChannelView } from '@fieldline/protocol/browser';
import { useEffect, useState } from 'preact/hooks';
import * as hub from '../api/alarms.js';

const EVERY_MS = 2_000;

export interface Channels {
  readonly items: readonly AlarmChannelView[];
  readonly state: 'loading' | 'ready';
  readonly again: () => void;
}

/** How the channels stand: asked for every few seconds while the page is open. */
export function useChannels(): Channels {
  const [items, setItems] = useState<readonly AlarmChannelView[] | null>(null);
  const [asked, setAsked] = useState(0);
  // Asked for at once when somebody wants it.
  useEffect(() => {
    let gone = false;
    const ask = () =>
      hub.channels().then(
        (page) => !gone && setItems(page.items),
        // The hub is away: the shell says so, and what was known stays.
        () => {},
      );
    void ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [asked]);
  return {
    items: items ?? [],
    state: items === null ? 'loading' : 'ready',
    again: () => setAsked((count) => count + 1),
  };
}
