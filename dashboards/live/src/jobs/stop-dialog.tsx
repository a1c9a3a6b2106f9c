import type { JobView } from '@fieldline/protocol/browser';
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.js';
import * as hub from '../api/hub.js';
import { AskDialog } from '../shell/ask-dialog.js';
import { jobs as words } from '../strings/jobs.js';

interface StopDialogProps {
  readonly job: JobView;
  readonly onStopped: (job: JobView) => void;
  readonly onClose: () => void;
}

/** Says what stopping a job leaves as it is; then stops it. */
export function StopDialog({ job, onStopped, onClose }: StopDialogProps) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const { waiting, queued, skipped, refused } = job.counts;
  const toGo = waiting + queued;
  const stop = async () => {
    setBusy(true);
    setTrouble('');
    try {
      onStopped(await hub.cancelJob(job.id));
    } catch (error) {
      const late = error instanceof ApiError && error.code === 'already_ended';
      setTrouble(late ? words.stopLate : error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <AskDialog
      head={words.stopHead(toGo)}
      cancel={words.goOn}
      go={busy ? words.stopping : words.stop}
      busy={busy}
      onGo={() => void stop()}
      onClose={onClose}
    >
      <p>{words.stopBody(job.devices - toGo - skipped - refused)}</p>
      {trouble && (
        <p class="err" role="alert">
          {trouble}
        </p>
      )}
    </AskDialog>
  );
}
