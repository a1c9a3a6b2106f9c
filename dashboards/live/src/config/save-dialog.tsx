import type { DeviceConfig } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.js';
import * as hub from '../api/hub.js';
import type { Field } from '../command/field.js';
import type { LiveDevice } from '../live/device.js';
import { AskDialog } from '../shell/ask-dialog.js';
import { Icon } from '../shell/icon.js';
import { TroubleNote } from '../shell/trouble-note.js';
import { config } from '../strings/config.js';
import { said } from './config-row.js';
import type { Draft, Wanted } from './draft.js';
import { own } from './settings.js';

const words = config.ask;

interface SaveDialogProps {
  readonly device: LiveDevice;
  readonly draft: Draft;
  readonly wanted: Wanted;
  readonly fieldOf: (key: string) => Field | undefined;
  readonly onSaved: (config: DeviceConfig) => void;
  /** Somebody else was faster. */
  readonly onStale: () => void;
  readonly onClose: () => void;
}

/** Names the device and each setting that changes, from what to what; then saves it under the version that was read. */
export function SaveDialog({ device, draft, wanted, fieldOf, onSaved, onStale, onClose }: SaveDialogProps) {
  void device.changed.value;
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const { base } = draft;
  const go = async () => {
    setBusy(true);
    setTrouble('');
    try {
      onSaved(await hub.setConfig(device.id, { desired: wanted.desired, version: base.version }));
    } catch (error) {
      setBusy(false);
      if (error instanceof ApiError && error.code === 'stale_version') onStale();
      else if (error instanceof ApiError && error.status >= 400 && error.status < 500) {
        setTrouble(`${words.refused} ${error.message}`);
      } else setTrouble(words.unanswered);
    }
  };
  return (
    <AskDialog
      head={words.head(device.name)}
      cancel={words.cancel}
      go={busy ? words.busy : words.go}
      busy={busy}
      onGo={() => void go()}
      onClose={onClose}
    >
      <p>{words.body(wanted.changed.length)}</p>
      {!device.online && (
        <div class="note is-warn">
          <Icon name="offline" />
          <div>{words.offline}</div>
        </div>
      )}
      <dl class="facts">
        {wanted.changed.map((key) => {
          const field = fieldOf(key);
          return (
            <Change
              key={key}
              title={field?.title ?? key}
              text={words.from(said(field, own(base.desired, key)), said(field, own(wanted.desired, key)))}
            />
          );
        })}
        <dt>{words.device}</dt>
        <dd>
          {device.name}
          {device.name !== device.id && (
            <>
              , <span class="mono">{device.id}</span>
            </>
          )}
        </dd>
        <dt>{words.proof}</dt>
        <dd>{words.proofIs(base.version + 1)}</dd>
      </dl>
      <TroubleNote trouble={trouble} />
    </AskDialog>
  );
}

function Change({ title, text }: { title: string; text: string }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <b>{text}</b>
      </dd>
    </>
  );
}
