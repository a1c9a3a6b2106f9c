import { people as words } from '../strings/people.js';

interface PasswordFieldProps {
  readonly name: string;
  readonly label: string;
  /** It is the one in force, not a new one. */
  readonly current?: boolean;
  readonly optional?: boolean;
}

/** A password, as browsers and password keepers know one. */
export function PasswordField({ name, label, current = false, optional = false }: PasswordFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="in"
        name={name}
        type="password"
        minLength={current ? undefined : 12}
        required={!optional}
        autocomplete={current ? 'current-password' : 'new-password'}
        title={current ? undefined : words.passwordHint}
      />
    </label>
  );
}
