import { useState } from 'preact/hooks';
import { AskDialog } from '../shell/ask-dialog.js';
import { TroubleNote } from '../shell/trouble-note.js';
import { people } from '../strings/people.js';
import { troubleOf } from './trouble.js';

const words = people.ask;

interface RemoveButtonProps {
  readonly name: string;
  readonly head: string;
  readonly body: string;
  /** What the button in the row says, and the one that does it. */
  readonly short: string;
  readonly go: string;
  readonly remove: () => Promise<void>;
  readonly onRemoved: () => void;
}

/** Takes something away for good, after a question. */
export function RemoveButton({ name, head, body, short, go, remove, onRemoved }: RemoveButtonProps) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const close = () => {
    setAsking(false);
    setTrouble('');
  };
  const run = async () => {
    setBusy(true);
    try {
      await remove();
      close();
      onRemoved();
    } catch (error) {
      setTrouble(troubleOf(error));
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" class="btn tiny" aria-label={`${short} ${name}`} onClick={() => setAsking(true)}>
        {short}
      </button>
      {asking && (
        <AskDialog
          head={head}
          cancel={words.cancel}
          go={busy ? words.busy : go}
          danger
          busy={busy}
          onGo={() => void run()}
          onClose={close}
        >
          <p>{body}</p>
          <TroubleNote trouble={trouble} />
        </AskDialog>
      )}
    </>
  );
}
