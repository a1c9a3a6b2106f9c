import type { SessionView } from '@fieldline/protocol/browser';
import { sessionOver as words } from '../strings.js';
import { LogInPassword } from './log-in-password.js';
import { useModal } from './modal.js';
import { leave } from './session.js';
import { useLogIn } from './use-log-in.js';

/**
 * The session is over: asked for above the page, which stays as it is with all that was typed. It cannot be closed, since
 * nothing below it would work.
 */
export function SessionOverDialog({ who }: { who: SessionView }) {
  // What was being typed below it keeps its place, and has the focus back afterwards.
  const dialog = useModal();
  const { busy, problem, submit } = useLogIn();

  return (
    <dialog ref={dialog} aria-labelledby="over-head" onCancel={(event) => event.preventDefault()}>
      <form onSubmit={submit}>
        <header>
          <h2 id="over-head">{words.head}</h2>
        </header>
        <div class="pad">
          <p>{words.body}</p>
          <input type="text" name="username" autocomplete="username" value={who.name} readOnly hidden />
          <LogInPassword label={words.passwordFor(who.name)} id="over-problem" problem={problem} />
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
