import { ALARM_LEVELS, type AlarmQuiet } from '@fieldline/protocol';
import { integer, text, word } from './column.js';
import type { Change, OnDamage, Select } from './connection.js';
import type { StateFile } from './state-file.js';

const columns = {
  device: text('device'),
  metric: text('metric'),
  level: word('level', ALARM_LEVELS),
  from: integer('begins'),
  until: integer('ends'),
  by: text('by'),
};

type Row = { [K in keyof typeof columns]: ReturnType<(typeof columns)[K]['read']> };

/** Which limits of which devices nobody is called about for a while, durable. */
export class AlarmQuiets {
  readonly #put: Change;
  readonly #remove: Change;
  readonly #all: Select<Row>;

  constructor(state: StateFile) {
    this.#put = state.change(
      `INSERT INTO alarm_quiets (device, metric, level, begins, ends, by) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (device, metric, level) DO UPDATE SET ends = excluded.ends, by = excluded.by`,
    );
    this.#remove = state.change('DELETE FROM alarm_quiets WHERE device = ? AND metric = ? AND level = ?');
    this.#all = state.select(columns, 'FROM alarm_quiets');
  }

  /** Adds it; of one that there is only the end changes, and by whom. */
  put({ device, metric, level, from, until, by }: AlarmQuiet): void {
    this.#put.run(device, metric ?? '', level, from, until, by);
  }

  remove({ device, metric, level }: Pick<AlarmQuiet, 'device' | 'metric' | 'level'>): void {
    this.#remove.run(device, metric ?? '', level);
  }

  /** @param onDamage told of rows that cannot be read: they are left out, and somebody is called again */
  all(onDamage: OnDamage): AlarmQuiet[] {
    return this.#all
      .sound(onDamage)
      .map((row) => ({ ...row, metric: row.metric === '' ? null : row.metric }));
  }
}
