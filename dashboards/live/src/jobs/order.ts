import type { CommandDocument, Value } from '@fieldline/protocol/browser';
import { isCommandName } from '@fieldline/protocol/browser';
import { type Field, readForm } from '../command/field.js';
import { type Row, readRows } from '../command/value-rows.js';

/** What shall be done by each device of a job, and how; ready to be confirmed. */
export interface Order {
  readonly name: string;
  /** What the profile says of it; null for a command that none names. */
  readonly document: CommandDocument | null;
  readonly params: Readonly<Record<string, Value>>;
  readonly perSecond: number;
  /** Gives the job up when so many of a hundred fail; null for never. */
  readonly abortPercent: number | null;
}

/** What stands in the form of a job. */
export interface OrderForm {
  readonly name: string;
  readonly document: CommandDocument | null;
  readonly fields: readonly Field[];
  readonly texts: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  readonly rate: string;
  readonly abort: string;
}

export interface OrderFaults {
  readonly name: boolean;
  readonly fields: Readonly<Record<string, string>>;
  readonly rows: ReadonlyMap<number, string>;
  readonly rate: boolean;
  readonly abort: boolean;
}

/** The order that a form stands for, or what is wrong in it. */
export function readOrder(form: OrderForm): { order: Order } | { faults: OrderFaults } {
  const { name, document, fields, texts, rows, rate, abort } = form;
  const read = document === null ? readRows(rows) : null;
  const typed = readForm(fields, texts);
  const perSecond = Number(rate.trim().replace(',', '.'));
  const percent = abort.trim() === '' ? null : Number(abort);
  const faults: OrderFaults = {
    name: !isCommandName(name),
    fields: typed.faults,
    rows: read?.faults ?? new Map(),
    rate: rate.trim() === '' || !(perSecond >= 0.01 && perSecond <= 500),
    abort: percent !== null && !(Number.isInteger(percent) && percent >= 1 && percent <= 100),
  };
  const isFaulty =
    faults.name ||
    faults.rate ||
    faults.abort ||
    faults.rows.size > 0 ||
    Object.keys(faults.fields).length > 0;
  if (isFaulty) return { faults };
  return {
    order: { name, document, params: read?.values ?? typed.values, perSecond, abortPercent: percent },
  };
}
