import { params as words } from '../strings/params.js';
import { type Field, textOf, valueWords } from './field.js';

interface ParamInputProps {
  readonly field: Field;
  readonly id: string;
  readonly text: string;
  /** It differs from what is reported or saved: dashed. */
  readonly asked: boolean;
  readonly fault: string | undefined;
  readonly disabled?: boolean;
  /** The accessible name, where no label stands beside it. */
  readonly label?: string;
  readonly onText: (text: string) => void;
}

/** One field of a profile: a list where the values are known, else a text of its kind, with its unit. */
export function ParamInput({ field, id, text, asked, fault, disabled, label, onText }: ParamInputProps) {
  const shared = {
    id,
    class: `in ${asked ? 'ask' : ''}`,
    disabled,
    'aria-label': label,
    'aria-invalid': fault !== undefined,
    'aria-describedby': fault === undefined ? undefined : `${id}-fault`,
  };
  const { choices, fallback, unit, kind } = field;
  if (choices !== null) {
    const none = fallback === null ? words.unset : words.byDefault(valueWords(field, fallback));
    return (
      <select {...shared} value={text} onChange={(event) => onText(event.currentTarget.value)}>
        <option value="">{none}</option>
        {choices.map((choice) => (
          <option key={textOf(field, choice)} value={textOf(field, choice)}>
            {valueWords(field, choice)}
          </option>
        ))}
      </select>
    );
  }
  const input = (
    <input
      {...shared}
      value={text}
      placeholder={fallback === null ? undefined : String(fallback)}
      inputMode={
        kind === 'string' ? 'text' : kind === 'integer' && (field.min ?? -1) >= 0 ? 'numeric' : 'decimal'
      }
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  );
  return unit === '' ? (
    input
  ) : (
    <span class="in-wrap unit">
      {input}
      <span class="u" aria-hidden="true">
        {unit}
      </span>
    </span>
  );
}

/** Why a field will not do, where the input's `aria-describedby` points. */
export function Fault({ id, fault }: { id: string; fault: string | undefined }) {
  if (fault === undefined) return null;
  return (
    <span class="err" id={`${id}-fault`}>
      {fault}
    </span>
  );
}
