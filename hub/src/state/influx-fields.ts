import type { Field, FieldType } from '../sinks/influx/fields.js';
import { integer, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** A field of one measurement. */
export interface FieldRow extends Field {
  readonly measurement: string;
}

const PAGE_ROWS = 1_000;
const FIELD_TYPES: readonly FieldType[] = ['float', 'integer', 'boolean', 'string'];

const columns = {
  id: integer('id'),
  measurement: text('measurement'),
  name: text('name'),
  metric: text('metric'),
  type: word('type', FIELD_TYPES),
};

/** The fields that metrics were given in InfluxDB (sinks/influx/fields.ts). They are never changed or removed. */
export class InfluxFields {
  readonly #state: StateFile;
  readonly #after: Select<FieldRow & { readonly id: number }>;
  readonly #add: Change;

  constructor(state: StateFile) {
    this.#state = state;
    this.#after = state.select(columns, `FROM influx_fields WHERE id > ? ORDER BY id LIMIT ${PAGE_ROWS}`);
    this.#add = state.change(
      'INSERT INTO influx_fields (measurement, name, metric, type) VALUES (?, ?, ?, ?)',
    );
  }

  /** Every field, in the order in which they were made. */
  *all(): Generator<FieldRow> {
    let page = this.#after.all(0);
    while (page.length > 0) {
      yield* page;
      const last = page.at(-1);
      page = last === undefined || page.length < PAGE_ROWS ? [] : this.#after.all(last.id);
    }
  }

  /** Makes the fields durable, in one transaction. @throws FieldlineError `state_unwritable`, `state_damaged` */
  add(rows: readonly FieldRow[]): void {
    if (rows.length === 0) return;
    this.#state.transaction(() => {
      for (const { measurement, name, metric, type } of rows) this.#add.run(measurement, name, metric, type);
    });
  }
}
