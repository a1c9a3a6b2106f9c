import type { CommandView } from '@fieldline/protocol/browser';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.js';
import * as hub from '../api/hub.js';
import { Icon } from '../shell/icon.js';
import { commands as words } from '../strings/commands.js';
import { outcomeOf } from './outcome.js';
import type { Verdict } from './verdict.js';

interface VerdictViewProps {
  readonly command: CommandView;
  readonly verdict: Verdict;
  /** What the device reports now, as a sentence; '' for nothing to say. */
  readonly now: string;
  /** Asks to send it again; null where that is not offered here. */
  readonly onAgain: (() => void) | null;
  /** Takes the command in as the hub tells it after it was taken back; null for those who may not. */
  readonly onCancelled: ((command: CommandView) => void) | null;
}

/** What the end of a command means, and what can be done. */
export function VerdictView({ command, verdict, now, onAgain, onCancelled }: VerdictViewProps) {
  const { look, head, body, code, act } = verdict;
  const said = (
    <>
      <b>{head}</b>
      {(body || now) && <p>{[body, now].filter(Boolean).join(' ')}</p>}
      {code !== null && (
        <p>
          {words.verdict.code} <span class="mono">{code}</span>
        </p>
      )}
      {act === 'again' && onAgain && (
        <div class="row wrap">
          <button type="button" class="btn tiny" onClick={onAgain}>
            <Icon name="retry" />
            {words.verdict.sendAgain}
          </button>
        </div>
      )}
      {act === 'cancel' && onCancelled && <CancelButton command={command} onCancelled={onCancelled} />}
    </>
  );
  return (
    <Box look={look}>
      <Icon name={outcomeOf(command).glyph} />
      <div>{said}</div>
    </Box>
  );
}

function Box({ look, children }: { look: Verdict['look']; children: ComponentChildren }) {
  return <div class={`verdict is-${look}`}>{children}</div>;
}

function CancelButton({
  command,
  onCancelled,
}: {
  command: CommandView;
  onCancelled: (command: CommandView) => void;
}) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const cancel = async () => {
    if (busy) return;
    setBusy(true);
    setTrouble('');
    try {
      onCancelled(await hub.cancelCommand(command.id));
    } catch (error) {
      const late = error instanceof ApiError && error.code === 'already_sent';
      setTrouble(late ? words.verdict.tooLate : words.verdict.cancelFailed);
      setBusy(false);
    }
  };
  return (
    <div class="row wrap">
      <button type="button" class="btn tiny" aria-busy={busy} onClick={() => void cancel()}>
        {!busy && <Icon name="x" />}
        {busy ? words.verdict.cancelling : words.verdict.cancel}
      </button>
      {trouble && (
        <span class="err" role="alert">
          {trouble}
        </span>
      )}
    </div>
  );
}
