import type { DeviceView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.js';
import * as hub from '../api/connect.js';
import { Icon } from '../shell/icon.js';
import { connect as words } from '../strings/connect.js';
import { CopyText } from './copy-text.js';

interface TokenPanelProps {
  readonly device: DeviceView;
  /** Null where it is not known any more. */
  readonly token: string | null;
  readonly onToken: (token: string) => void;
}

/** The device's id, and its token for as long as the page knows it; a lost one is replaced. */
export function TokenPanel({ device, token, onToken }: TokenPanelProps) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const make = async () => {
    if (busy) return;
    setBusy(true);
    setTrouble('');
    try {
      onToken((await hub.addDeviceToken(device.id)).token);
    } catch (error) {
      setTrouble(error instanceof ApiError ? words.trouble(error.code, error.message) : String(error));
    }
    setBusy(false);
  };
  return (
    <div class="pad stack">
      <div class="cols-2">
        <div class="field">
          <span>{words.id}</span>
          <b class="mono wrap-any">{device.id}</b>
        </div>
        {device.name !== null && (
          <div class="field">
            <span>{words.name}</span>
            <b class="wrap-any">{device.name}</b>
          </div>
        )}
      </div>
      <div class="field">
        <span>{words.token}</span>
        {token !== null && (
          <div class="secret">
            <Icon name="key" />
            <span class="mono">{token}</span>
            <CopyText text={token} label={words.copyToken} short={words.copy} />
          </div>
        )}
        <span class="sub">{token === null ? words.tokenLost : words.tokenOnce}</span>
      </div>
      {token === null && (
        <div class="row wrap">
          <button type="button" class="btn main" aria-busy={busy} onClick={() => void make()}>
            {busy ? words.tokenMaking : words.tokenAgain}
          </button>
          <span class="err" role="alert">
            {trouble}
          </span>
        </div>
      )}
    </div>
  );
}
