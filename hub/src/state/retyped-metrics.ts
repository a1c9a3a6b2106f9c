import { VALUE_TYPES, type ValueType } from '@fieldline/protocol';
import { integer, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** The type that an admin gave to a metric of a profile's devices, and when. */
export interface RetypedMetricRow {
  /** `default` for devices without a profile. */
  readonly profile: string;
  readonly metric: string;
  readonly type: ValueType;
  /** ms since 1970. */
  readonly fixedAt: number;
}

const columns = {
  profile: text('profile'),
  metric: text('metric'),
  type: word('type', VALUE_TYPES),
  fixedAt: integer('fixed_at'),
};

/** Where retyped metrics last (protocol §1.2 "Types"). An admin makes each by hand, so that all are read at once. */
export class RetypedMetricStore {
  readonly #all: Select<RetypedMetricRow>;
  readonly #save: Change;
  readonly #remove: Change;

  constructor(state: StateFile) {
    this.#all = state.select(columns, 'FROM retyped_metrics ORDER BY profile, metric');
    this.#save = state.change(
      `INSERT INTO retyped_metrics (profile, metric, type, fixed_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (profile, metric) DO UPDATE SET type = excluded.type, fixed_at = excluded.fixed_at`,
    );
    this.#remove = state.change('DELETE FROM retyped_metrics WHERE profile = ? AND metric = ?');
  }

  all(): readonly RetypedMetricRow[] {
    return this.#all.all();
  }

  save({ profile, metric, type, fixedAt }: RetypedMetricRow): void {
    this.#save.run(profile, metric, type, Math.trunc(fixedAt));
  }

  remove(profile: string, metric: string): void {
    this.#remove.run(profile, metric);
  }
}
