import { useEffect, useState } from 'preact/hooks';
import * as hub from '../api/hub.js';
import { login as words } from '../strings.js';
import { Icon, Mark } from './icon.js';
import { logIn } from './session.js';

/** The door: name and password. `trouble` is why a link did not open it. */
export function LoginPage({ trouble }: { trouble: string | undefined }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
  }, []);

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

  return (
    <main class="doorway">
      <form class="panel door" onSubmit={submit}>
        <Mark size={32} />
        <h1>{words.title}</h1>
        {trouble !== undefined && problem === undefined && (
          <div class="note is-warn" role="status">
            <Icon name="info" />
            <div>{trouble}</div>
          </div>
        )}
        <label class="field">
          <span>{words.name}</span>
          <input class="in" name="username" autocomplete="username" required />
        </label>
        <label class="field">
          <span>{words.password}</span>
          <input
            class="in"
            name="password"
            type="password"
            autocomplete="current-password"
            required
            aria-invalid={problem !== undefined}
            aria-describedby="login-problem"
          />
          <span class="err" id="login-problem" role="alert">
            {problem !== undefined && (
              <>
                <Icon name="failed" glyph />
                {problem}
              </>
            )}
          </span>
        </label>
        <button type="submit" class="btn main" aria-busy={busy}>
          {busy ? words.busy : words.go}
        </button>
        <p class="sub small">{words.hint}</p>
      </form>
    </main>
  );
}
