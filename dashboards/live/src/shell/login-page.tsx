import { useEffect } from 'preact/hooks';
import { login as words } from '../strings.js';
import { Icon, Mark } from './icon.js';
import { LogInPassword } from './log-in-password.js';
import { useLogIn } from './use-log-in.js';

/** The door: name and password. `trouble` is why a link did not open it. */
export function LoginPage({ trouble }: { trouble: string | undefined }) {
  const { busy, problem, submit } = useLogIn();
  useEffect(() => {
    document.title = `${words.title} · Fieldline`;
  }, []);

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
        <LogInPassword label={words.password} id="login-problem" problem={problem} />
        <button type="submit" class="btn main" aria-busy={busy}>
          {busy ? words.busy : words.go}
        </button>
        <p class="sub small">{words.hint}</p>
      </form>
    </main>
  );
}
