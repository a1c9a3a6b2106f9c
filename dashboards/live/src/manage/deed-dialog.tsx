import { useState } from 'preact/hooks';
import { AskDialog } from '../shell/ask-dialog.js';
import { TroubleNote } from '../shell/trouble-note.js';
import { manage as words } from '../strings/manage.js';
import { troubleOf } from './trouble.js';

interface DeedDialogProps {
  readonly head: string;
  readonly body: string;
  /** What the button says. */
  readonly go: string;
  readonly danger?: boolean;
  /** Its rejection is told, and the question stays. */
  readonly run: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks once before something is done to a device, and says when it could not be. */
export function DeedDialog({ head, body, go, danger = false, run, onClose }: DeedDialogProps) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const send = async () => {
    setBusy(true);
    setTrouble('');
    try {
      await run();
    } catch (error) {
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  };
  return (
    <AskDialog
      head={head}
      cancel={words.cancel}
      go={busy ? words.busy : go}
      danger={danger}
      busy={busy}
      onGo={() => void send()}
      onClose={onClose}
    >
      <p>{body}</p>
      <TroubleNote trouble={trouble} />
    </AskDialog>
  );
}
