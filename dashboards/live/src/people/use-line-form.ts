import { useState } from 'preact/hooks';
import { troubleOf } from './trouble.js';

/** A form that makes something: what it is doing, and why it was not done. */
export interface LineForm {
  readonly busy: boolean;
  readonly trouble: string;
  readonly submit: (event: SubmitEvent) => Promise<void>;
}

/**
 * Reads a form's fields by name and makes something of them; emptied when that is done.
 * @param make its rejection is told as trouble, and what was typed stays
 * @param inWords why it was not done, in the words of what it is about: people, unless given
 */
export function useLineForm(
  make: (field: (name: string) => string) => Promise<void>,
  inWords = troubleOf,
): LineForm {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (busy || !(form instanceof HTMLFormElement)) return;
    const data = new FormData(form);
    setBusy(true);
    setTrouble('');
    try {
      await make((name) => String(data.get(name) ?? ''));
      form.reset();
    } catch (error) {
      setTrouble(inWords(error));
    }
    setBusy(false);
  };
  return { busy, trouble, submit };
}
