import { useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { login as words } from '../strings.js';
import { logIn } from './session.js';

/** A form that logs in: whether it is at it, and what the hub said against the last try. */
export interface LogInForm {
  readonly busy: boolean;
  readonly problem: string | undefined;
  readonly submit: (event: SubmitEvent) => Promise<void>;
}

/** Logs in by the fields `username` and `password` of a form. */
export function useLogIn(): LogInForm {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy || !(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    const said = await logIn(
      () => hub.logIn(String(form.get('username')), String(form.get('password'))),
      words.wrong,
    );
    setBusy(false);
    setProblem(said);
  };
  return { busy, problem, submit };
}
