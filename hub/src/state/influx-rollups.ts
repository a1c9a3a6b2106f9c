import { ROLLUP_UNITS, type RollupUnit } from '../sinks/influx/rollup-unit.js';
import { integer, type RowOf, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

const sealedColumns = {
  measurement: text('measurement'),
  unit: word('unit', ROLLUP_UNITS),
  sealed: integer('sealed'),
};
const repairColumns = {
  measurement: text('measurement'),
  unit: word('unit', ROLLUP_UNITS),
  from: integer('from_ms'),
  to: integer('to_ms'),
};

/** One rollup of one measurement: up to where it is whole, but for the ranges that are to be done again. */
export interface RollupRecord {
  readonly measurement: string;
  readonly unit: RollupUnit;
  /** ms since 1970, exclusive. */
  readonly sealed: number;
  readonly repairs: readonly { readonly from: number; readonly to: number }[];
}

/** What the hub made in databases of InfluxDB, and how far its rollups are. */
export class InfluxRollups {
  readonly #state: StateFile;
  readonly #database: string;
  readonly #policy: Select<{ name: string }>;
  readonly #keepPolicy: Change;
  readonly #rollups: Select<RowOf<typeof sealedColumns>>;
  readonly #repairs: Select<RowOf<typeof repairColumns>>;
  readonly #putRollup: Change;
  readonly #putRepair: Change;
  readonly #removeRepairs: Change;
  readonly #clearRollups: Change;
  readonly #clearRepairs: Change;

  constructor(state: StateFile, database: string) {
    this.#state = state;
    this.#database = database;
    this.#policy = state.select(
      { name: text('name') },
      'FROM influx_policies WHERE database = ? AND name = ?',
    );
    this.#keepPolicy = state.change('INSERT OR IGNORE INTO influx_policies (database, name) VALUES (?, ?)');
    this.#rollups = state.select(sealedColumns, 'FROM influx_rollups WHERE database = ?');
    this.#repairs = state.select(repairColumns, 'FROM influx_repairs WHERE database = ? ORDER BY from_ms');
    this.#putRollup = state.change(
      `INSERT INTO influx_rollups (database, measurement, unit, sealed) VALUES (?, ?, ?, ?)
       ON CONFLICT (database, measurement, unit) DO UPDATE SET sealed = excluded.sealed`,
    );
    this.#putRepair = state.change(
      'INSERT INTO influx_repairs (database, measurement, unit, from_ms, to_ms) VALUES (?, ?, ?, ?, ?)',
    );
    this.#removeRepairs = state.change(
      'DELETE FROM influx_repairs WHERE database = ? AND measurement = ? AND unit = ?',
    );
    this.#clearRollups = state.change('DELETE FROM influx_rollups WHERE database = ?');
    this.#clearRepairs = state.change('DELETE FROM influx_repairs WHERE database = ?');
  }

  /** Whether a retention policy is of the hub's own making. */
  hasMade(policy: string): boolean {
    return this.#policy.get(this.#database, policy) !== undefined;
  }

  made(policy: string): void {
    this.#keepPolicy.run(this.#database, policy);
  }

  /** Every rollup that was begun. */
  all(): readonly RollupRecord[] {
    const repairs = this.#repairs.all(this.#database);
    return this.#rollups.all(this.#database).map(({ measurement, unit, sealed }) => ({
      measurement,
      unit,
      sealed,
      repairs: repairs
        .filter((row) => row.measurement === measurement && row.unit === unit)
        .map(({ from, to }) => ({ from, to })),
    }));
  }

  /** Makes the record durable in place of the one before. */
  put({ measurement, unit, sealed, repairs }: RollupRecord): void {
    this.#state.transaction(() => {
      this.#putRollup.run(this.#database, measurement, unit, sealed);
      this.#removeRepairs.run(this.#database, measurement, unit);
      for (const { from, to } of repairs) this.#putRepair.run(this.#database, measurement, unit, from, to);
    });
  }

  /** Forgets how far the rollups are: they have to be made anew. */
  clear(): void {
    this.#state.transaction(() => {
      this.#clearRollups.run(this.#database);
      this.#clearRepairs.run(this.#database);
    });
  }
}
