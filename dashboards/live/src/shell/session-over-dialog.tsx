import type { SessionView } from '@fieldline/protocol/browser';
import { useEffect, useRef, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { login, sessionOver as words } from '../strings.js';
import { Icon } from './icon.js';
import { leave, logIn } from './session.js';

/**
 * The session is over: asked for above the page, which stays as it is with all that was typed. It cannot be closed, since
 * nothing below it would work.
 */
export function SessionOverDialog({ who }: { who: SessionView }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closing gives the focus back to what was being typed.
    return () => element?.close();
  }, []);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy || !(event.currentTarget instanceof HTMLFormElement)) return;
    const password = String(new FormData(event.currentTarget).get('password'));
    setBusy(true);
    setProblem(undefined);
    const trouble = await logIn(() => hub.logIn(who.name, password), login.wrong);
    setBusy(false);
    setProblem(trouble);
  };
  return (
    <dialog ref={dialog} aria-labelledby="over-head" onCancel={(event) => event.preventDefault()}>
      <form onSubmit={submit}>
        <header>
          <h2 id="over-head">{words.head}</h2>
        </header>
        <div class="pad">
          <p>{words.body}</p>
          <input type="text" name="username" autocomplete="username" value={who.name} readOnly hidden />
          <label class="field">
            <span>{words.passwordFor(who.name)}</span>
            <input
              class="in"
              name="password"
              type="password"
              autocomplete="current-password"
              required
              aria-invalid={problem !== undefined}
              aria-describedby="over-problem"
            />
            <span class="err" id="over-problem" role="alert">
              {problem !== undefined && (
                <>
                  <Icon name="failed" glyph />
                  {problem}
                </>
              )}
            </span>
          </label>
        </div>
        <footer>
          <button type="button" class="btn" onClick={leave}>
            {words.someoneElse}
          </button>
          <button type="submit" class="btn main" aria-busy={busy}>
            {busy ? words.busy : words.go}
          </button>
        </footer>
      </form>
    </dialog>
  );
}
