import type { ComponentChildren, InputHTMLAttributes } from 'preact';

interface EntryProps extends Pick<InputHTMLAttributes, 'autocomplete' | 'autocapitalize' | 'spellcheck'> {
  readonly name: string;
  readonly label: string;
  readonly type?: 'password';
  readonly value: string;
  readonly invalid?: boolean;
  /** Id of what is said of it. */
  readonly described: string;
  readonly onValue: (value: string) => void;
  /** What is said of it, below. */
  readonly children?: ComponentChildren;
}

/** A field that has to be filled in, with what is said of what was typed. */
export function Entry({ name, label, invalid, described, onValue, children, ...input }: EntryProps) {
  const id = `first-${name}`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...input}
        id={id}
        class="in"
        name={name}
        required
        aria-invalid={invalid}
        aria-describedby={described}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {children}
    </div>
  );
}
