import { isParamName, type Value } from '@fieldline/protocol/browser';
import { Icon } from '../shell/icon.js';
import { params as words } from '../strings/params.js';
import { readFree } from './free-value.js';
import { Fault } from './param-input.js';

/** A name and a value as somebody types them. `key` tells rows apart while their names change. */
export interface Row {
  readonly key: number;
  readonly name: string;
  readonly text: string;
}

export interface ReadRows {
  readonly values: Readonly<Record<string, Value>>;
  /** By row key: what is wrong with its name, or with its value. */
  readonly faults: ReadonlyMap<number, string>;
}

/** Reads rows; those without name and value are left out. `taken`: names that stand elsewhere already. */
export function readRows(rows: readonly Row[], taken: readonly string[] = []): ReadRows {
  const values: [string, Value][] = [];
  const faults = new Map<number, string>();
  const names = new Set(taken);
  for (const { key, name, text } of rows) {
    if (name === '' && text === '') continue;
    const read = readFree(text);
    if (!isParamName(name)) faults.set(key, words.nameFault);
    else if (names.has(name)) faults.set(key, words.nameTwice);
    else if (read.kind === 'fault') faults.set(key, read.fault);
    else if (read.kind === 'value') values.push([name, read.value]);
    names.add(name);
  }
  return { values: Object.fromEntries(values), faults };
}

let nextKey = 1;
export const emptyRow = (): Row => ({ key: nextKey++, name: '', text: '' });

interface ValueRowsProps {
  readonly rows: readonly Row[];
  readonly faults: ReadonlyMap<number, string>;
  readonly onRows: (rows: readonly Row[]) => void;
}

/** Names and values where no profile says what there is. What each is read as stands beside it. */
export function ValueRows({ rows, faults, onRows }: ValueRowsProps) {
  const change = (key: number, part: Partial<Row>) =>
    onRows(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  return (
    <div class="value-rows">
      {rows.map(({ key, name, text }) => {
        const id = `value-${key}`;
        const fault = faults.get(key);
        const read = readFree(text);
        const shared = {
          class: 'in mono',
          autocomplete: 'off',
          spellcheck: false,
          'aria-invalid': fault !== undefined,
          'aria-describedby': fault === undefined ? undefined : `${id}-fault`,
        };
        return (
          <div class="value-row" key={key}>
            <input
              {...shared}
              aria-label={words.name}
              placeholder={words.name}
              value={name}
              onInput={(event) => change(key, { name: event.currentTarget.value })}
            />
            <input
              {...shared}
              aria-label={words.value}
              placeholder={words.value}
              value={text}
              onInput={(event) => change(key, { text: event.currentTarget.value })}
            />
            <span class="sub small kind">
              {read.kind === 'value' && words.readAs[typeof read.value as keyof typeof words.readAs]}
            </span>
            <button
              type="button"
              class="btn bare sq"
              aria-label={words.dropRow(name)}
              onClick={() => onRows(rows.filter((row) => row.key !== key))}
            >
              <Icon name="x" />
            </button>
            <Fault id={id} fault={fault} />
          </div>
        );
      })}
      <div class="row wrap">
        <button type="button" class="btn tiny" onClick={() => onRows([...rows, emptyRow()])}>
          <Icon name="plus" />
          {words.addRow}
        </button>
      </div>
    </div>
  );
}
