import { Icon } from './icon.js';

/** The password of whoever logs in, with what the hub said against it. @param id for the words of the trouble */
export function LogInPassword(props: { label: string; id: string; problem: string | undefined }) {
  const { label, id, problem } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="in"
        name="password"
        type="password"
        autocomplete="current-password"
        required
        aria-invalid={problem !== undefined}
        aria-describedby={id}
      />
      <span class="err" id={id} role="alert">
        {problem !== undefined && (
          <>
            <Icon name="failed" glyph />
            {problem}
          </>
        )}
      </span>
    </label>
  );
}
