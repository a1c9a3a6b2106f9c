import { useEffect, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { Icon } from '../shell/icon.js';
import { recorder as words } from '../strings.js';
import { grafanaAddress } from './grafana-address.js';
import type { Recorder } from './recorder.js';

/** The same device and part of time in Grafana; nothing where the hub knows of none. */
export function GrafanaLink({ id, recorder }: { readonly id: string; readonly recorder: Recorder }) {
  const [board, setBoard] = useState<string | null>(null);
  useEffect(() => {
    let isWanted = true;
    // A hub that does not answer says so elsewhere on the page.
    hub.grafanaOf(id).then(
      (url) => isWanted && setBoard(url),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [id]);
  if (board === null) return null;
  return (
    <a
      class="btn bare"
      href={grafanaAddress(board, recorder.view.value)}
      target="_blank"
      rel="noreferrer"
      title={words.grafanaHint}
    >
      <Icon name="wide" />
      {words.grafana}
    </a>
  );
}
