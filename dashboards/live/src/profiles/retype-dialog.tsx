import type { ValueType } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { troubleOf } from '../people/trouble.js';
import { AskDialog } from '../shell/ask-dialog.js';
import { TroubleNote } from '../shell/trouble-note.js';
import { profiles } from '../strings/profiles.js';

const words = profiles.retype;
const TYPES = ['number', 'boolean', 'string'] as const;

interface RetypeDialogProps {
  readonly profile: string;
  readonly metric: string;
  /** What it is now. */
  readonly from: ValueType;
  readonly onDone: (type: ValueType) => void;
  readonly onClose: () => void;
}

/** Says what another type means for what comes and for what is stored; then gives the metric that type. */
export function RetypeDialog({ profile, metric, from, onDone, onClose }: RetypeDialogProps) {
  const others = TYPES.filter((type) => type !== from);
  const [to, setTo] = useState<ValueType>(others[0] ?? 'string');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const go = async () => {
    setBusy(true);
    setTrouble('');
    try {
      await hub.retype(profile, metric, to);
      onDone(to);
    } catch (error) {
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  };
  return (
    <AskDialog
      head={words.head(metric, profile)}
      cancel={words.cancel}
      go={busy ? words.busy : words.go(to)}
      busy={busy}
      onGo={() => void go()}
      onClose={onClose}
    >
      <p>{words.now(from)}</p>
      <label class="field">
        <span>{words.to}</span>
        <select
          class="in"
          value={to}
          onChange={(event) => setTo(TYPES.find((type) => type === event.currentTarget.value) ?? to)}
        >
          {others.map((type) => (
            <option key={type} value={type}>
              {words.types[type]}
            </option>
          ))}
        </select>
      </label>
      <p>{words.body(from, to)}</p>
      <p>{words.lasts}</p>
      <p class="sub small">{words.influx}</p>
      <TroubleNote trouble={trouble} />
    </AskDialog>
  );
}
