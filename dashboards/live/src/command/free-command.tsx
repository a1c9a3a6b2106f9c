import { isCommandName } from '@fieldline/protocol/browser';
import { useId, useState } from 'preact/hooks';
import { commands, commands as words } from '../strings/commands.js';
import { params } from '../strings/params.js';
import { Fault } from './param-input.js';
import { type Row, readRows, ValueRows } from './value-rows.js';
import type { Wish } from './wish.js';

interface FreeCommandProps {
  /** Names that were sent before, to choose from. */
  readonly known: readonly string[];
  readonly onWish: (wish: Wish) => void;
}

/** Any command, for a device whose profile does not say which there are. */
export function FreeCommand({ known, onWish }: FreeCommandProps) {
  const id = useId();
  const [name, setName] = useState('');
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [faults, setFaults] = useState<ReadonlyMap<number, string>>(new Map());
  const [nameFault, setNameFault] = useState<string>();
  const submit = (event: Event) => {
    event.preventDefault();
    const read = readRows(rows);
    const isName = isCommandName(name);
    setFaults(read.faults);
    setNameFault(isName ? undefined : commands.free.nameFault);
    if (!isName) document.getElementById(id)?.focus();
    if (isName && read.faults.size === 0) {
      onWish({
        name,
        title: null,
        description: null,
        params: read.values,
        value: '',
        danger: false,
        again: false,
      });
    }
  };
  return (
    <form class="pad stack free" noValidate onSubmit={submit}>
      <label class="field" for={id}>
        <span>{words.free.name}</span>
        <input
          class="in mono"
          id={id}
          list={`${id}-known`}
          value={name}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={nameFault !== undefined}
          aria-describedby={nameFault === undefined ? `${id}-hint` : `${id}-fault`}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <datalist id={`${id}-known`}>
          {known.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <span class="sub" id={`${id}-hint`}>
          {words.free.nameHint}
        </span>
        <Fault id={id} fault={nameFault} />
      </label>
      <fieldset class="field">
        <legend>{words.free.values}</legend>
        <ValueRows
          rows={rows}
          faults={faults}
          onRows={(next) => {
            setRows(next);
            setFaults(new Map());
          }}
        />
        {rows.length > 0 && <span class="sub">{params.freeHint}</span>}
      </fieldset>
      <div class="row">
        <button type="submit" class="btn">
          {words.verb(null)}
        </button>
      </div>
    </form>
  );
}
