import type { Value } from '@fieldline/protocol/browser';
import { boundsOf, type Field, valueWords } from '../command/field.js';
import { freeText } from '../command/free-value.js';
import { Fault, ParamInput } from '../command/param-input.js';
import { Icon } from '../shell/icon.js';
import { config as words } from '../strings/config.js';
import { type Draft, draftText } from './draft.js';
import { rowStateOf } from './row-state.js';
import { type Config, own } from './settings.js';

interface ConfigRowProps {
  readonly name: string;
  /** undefined where the profile does not name the key. */
  readonly field: Field | undefined;
  /** A profile says which keys there are. */
  readonly typed: boolean;
  readonly draft: Draft;
  readonly current: Config;
  readonly online: boolean;
  readonly mayEdit: boolean;
  readonly fault: string | undefined;
  readonly onText: (text: string | null) => void;
}

/** One setting: the wish, what is reported, and how they stand. Four cells of the grid. */
export function ConfigRow(props: ConfigRowProps) {
  const { name, field, typed, draft, current, online, mayEdit, fault, onText } = props;
  const isEdited = draft.edits[name] !== undefined;
  const text = draftText(draft, name, field);
  const id = `config-${name}`;
  const title = field?.title ?? name;
  const isKnown = field !== undefined || !typed;
  const { word, glyph, look } = rowStateOf({ config: current, key: name, isEdited, isKnown, online });
  // What was sent and is not reported yet is asked, and so is what is only typed.
  const asked = isEdited || look === 'is-pending';
  const reported = own(current.reported, name);
  return (
    <>
      <span
        class={field ? '' : 'mono'}
        title={field ? [name, boundsOf(field)].filter(Boolean).join(': ') : undefined}
      >
        {title}
      </span>
      <span class="want">
        {!mayEdit || !isKnown ? (
          <span>{said(field, own(current.desired, name))}</span>
        ) : field ? (
          <ParamInput
            field={field}
            id={id}
            text={text ?? ''}
            asked={asked}
            fault={fault}
            label={words.desiredOf(title)}
            onText={onText}
          />
        ) : (
          <FreeInput id={id} title={title} text={text} asked={asked} fault={fault} onText={onText} />
        )}
        <Fault id={id} fault={fault} />
      </span>
      <span class={reported === undefined ? '' : 'have'}>
        {reported === undefined ? <span class="sub">{words.notReported}</span> : said(field, reported)}
      </span>
      <span class={`st ${look}`}>
        <Icon name={glyph} />
        {word}
      </span>
    </>
  );
}

interface FreeInputProps {
  readonly id: string;
  readonly title: string;
  /** null: it is left out. */
  readonly text: string | null;
  readonly asked: boolean;
  readonly fault: string | undefined;
  readonly onText: (text: string | null) => void;
}

function FreeInput({ id, title, text, asked, fault, onText }: FreeInputProps) {
  if (text === null) {
    return (
      <>
        <s class="sub">{words.dropped}</s>
        <button
          type="button"
          class="btn bare tiny sq"
          aria-label={words.restore(title)}
          onClick={() => onText('')}
        >
          <Icon name="plus" />
        </button>
      </>
    );
  }
  return (
    <>
      <input
        id={id}
        class={`in mono ${asked ? 'ask' : ''}`}
        value={text}
        autocomplete="off"
        spellcheck={false}
        aria-label={words.desiredOf(title)}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : `${id}-fault`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      <button
        type="button"
        class="btn bare tiny sq"
        aria-label={words.drop(title)}
        onClick={() => onText(null)}
      >
        <Icon name="x" />
      </button>
    </>
  );
}

/** A value in words where its field is known; else as somebody would type it. */
export function said(field: Field | undefined, value: unknown): string {
  if (value === undefined || value === null) return words.ask.none;
  const isPlain = ['number', 'boolean', 'string'].includes(typeof value);
  return field && isPlain ? valueWords(field, value as Value) : freeText(value);
}
