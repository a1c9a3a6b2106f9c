import type { ComponentChildren } from 'preact';
import { people as words } from '../strings/people.js';
import type { LineForm as Form } from './use-line-form.js';

interface LineFormProps {
  readonly form: Form;
  /** What the button says. */
  readonly go: string;
  readonly hint?: string;
  /** The fields. */
  readonly children: ComponentChildren;
  /** Below: what has just been made. */
  readonly made?: ComponentChildren;
}

/** A form in one line below a list, for what is added to it. */
export function LineForm({ form: { busy, trouble, submit }, go, hint, children, made }: LineFormProps) {
  return (
    <form class="row wrap line-form" onSubmit={(event) => void submit(event)}>
      {children}
      <button type="submit" class="btn" aria-busy={busy}>
        {busy ? words.busy : go}
      </button>
      {hint && <span class="sub small whole">{hint}</span>}
      <span class="err whole" role="alert">
        {trouble}
      </span>
      {made}
    </form>
  );
}
