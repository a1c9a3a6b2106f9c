import { VALUE_TYPES, type ValueType } from '@fieldline/protocol';
import { integer, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** The type of a metric of one device, and when it was fixed. */
export interface MetricTypeRow {
  readonly device: string;
  readonly metric: string;
  readonly type: ValueType;
  /** ms since 1970. */
  readonly fixedAt: number;
}

const PAGE_ROWS = 1_000;

const columns = {
  device: text('device'),
  metric: text('metric'),
  type: word('type', VALUE_TYPES),
  fixedAt: integer('fixed_at'),
};

/** Types that were fixed when a metric was first seen (protocol §1.2 "Types"). */
export class MetricTypes {
  readonly #state: StateFile;
  readonly #after: Select<MetricTypeRow>;
  readonly #fix: Change;

  constructor(state: StateFile) {
    this.#state = state;
    this.#after = state.select(
      columns,
      `FROM metric_types WHERE (device, metric) > (?, ?) ORDER BY device, metric LIMIT ${PAGE_ROWS}`,
    );
    this.#fix = state.change(
      `INSERT INTO metric_types (device, metric, type, fixed_at)
       SELECT id, ?, ?, ? FROM devices WHERE id = ?
       ON CONFLICT (device, metric) DO UPDATE SET type = excluded.type, fixed_at = excluded.fixed_at`,
    );
  }

  /** Every row, in order of device and metric. */
  *all(): Generator<MetricTypeRow> {
    let page = this.#after.all('', '');
    while (page.length > 0) {
      yield* page;
      const last = page.at(-1);
      page = last === undefined || page.length < PAGE_ROWS ? [] : this.#after.all(last.device, last.metric);
    }
  }

  /**
   * Makes the types durable, in one transaction; the type of a metric that had one changes. Rows of devices
   * that are not in the registry are left out.
   */
  fix(rows: readonly MetricTypeRow[]): void {
    if (rows.length === 0) return;
    this.#state.transaction(() => {
      for (const { device, metric, type, fixedAt } of rows) {
        this.#fix.run(metric, type, Math.trunc(fixedAt), device);
      }
    });
  }
}
