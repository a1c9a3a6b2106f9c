import type { AlarmView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import { AskDialog } from '../shell/ask-dialog.js';
import { alarms as words } from '../strings/alarms.js';

interface AcknowledgeDialogProps {
  readonly alarms: readonly AlarmView[];
  readonly onAcknowledge: (ids: readonly string[], note: string) => Promise<boolean>;
  readonly onClose: () => void;
}

/** Several at once ask once. */
export function AcknowledgeDialog({ alarms, onAcknowledge, onClose }: AcknowledgeDialogProps) {
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  // Those that the question was about, whatever is raised meanwhile.
  const [asked] = useState(() => alarms.slice(0, 1_000).map(({ id }) => id));
  return (
    <AskDialog
      head={words.askHead(asked.length)}
      cancel={words.cancel}
      go={words.acknowledgeMany(asked.length)}
      busy={busy}
      onClose={onClose}
      onGo={() => {
        setBusy(true);
        void onAcknowledge(asked, note).then((done) => {
          setBusy(false);
          if (done) onClose();
        });
      }}
    >
      <p>{words.askBody}</p>
      <label class="field">
        <span>{words.noteOptional}</span>
        <input
          class="in"
          maxLength={256}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
    </AskDialog>
  );
}
