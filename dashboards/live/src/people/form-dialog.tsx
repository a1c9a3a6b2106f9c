import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { AskDialog } from '../shell/ask-dialog.js';
import { TroubleNote } from '../shell/trouble-note.js';
import { people } from '../strings/people.js';
import { troubleOf as peopleTroubleOf } from './trouble.js';

interface FormDialogProps {
  readonly head: string;
  readonly go: string;
  readonly says: string;
  /** Does what the fields say, by their names; its rejection is told, and what was typed stays. */
  readonly send: (field: (name: string) => string) => Promise<void>;
  readonly onClose: () => void;
  /** Why it was not done, in the words of what it is about: people, unless told. */
  readonly troubleOf?: (error: unknown) => string;
  /** The fields. */
  readonly children: ComponentChildren;
}

/** A question with a few fields. */
export function FormDialog({
  head,
  go,
  says,
  send,
  onClose,
  troubleOf = peopleTroubleOf,
  children,
}: FormDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  // There is something to type: the focus starts there, and not at the button.
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('input, select, textarea')?.focus(), []);
  const run = async () => {
    if (busy || !form.current?.reportValidity()) return;
    const data = new FormData(form.current);
    setBusy(true);
    setTrouble('');
    try {
      await send((name) => String(data.get(name) ?? ''));
    } catch (error) {
      setTrouble(troubleOf(error));
      setBusy(false);
    }
  };
  return (
    <AskDialog
      head={head}
      cancel={people.ask.cancel}
      go={busy ? people.ask.busy : go}
      busy={busy}
      onGo={() => void run()}
      onClose={onClose}
    >
      <form
        class="stack"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {children}
        {/* Enter in a field sends, as in any form; the button that says so is the dialog's. */}
        <button type="submit" hidden />
      </form>
      <p class="sub small">{says}</p>
      <TroubleNote trouble={trouble} />
    </AskDialog>
  );
}
