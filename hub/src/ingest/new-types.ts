import type { ValueType } from '@fieldline/protocol';

export interface TypeRow {
  readonly device: string;
  readonly metric: string;
  readonly type: ValueType;
  readonly fixedAt: number;
}

/** Types that were fixed since the last sync. They are written before the readings that fixed them. */
export class NewTypes {
  private readonly store: { fix(rows: readonly TypeRow[]): void };
  private rows: TypeRow[] = [];

  constructor(store: { fix(rows: readonly TypeRow[]): void }) {
    this.store = store;
  }

  add(row: TypeRow): void {
    this.rows.push(row);
  }

  /** When it throws, everything still waits. */
  flush(): void {
    if (this.rows.length === 0) return;
    this.store.fix(this.rows);
    this.rows = [];
  }
}
