import {
  ALARM_ENDS,
  ALARM_LEVELS,
  type AlarmLevel,
  type AlarmLimit,
  type AlarmState,
  type AlarmView,
  type Page,
  type PageQuery,
} from '@fieldline/protocol';
import { flag, integer, json, optionalInteger, optionalText, optionalWord, text, word } from './column.js';
import type { Change, OnDamage, Select } from './connection.js';
import type { StateFile } from './state-file.js';

const columns = {
  id: text('id'),
  device: text('device'),
  metric: optionalText('metric'),
  level: word('level', ALARM_LEVELS),
  limit: json('alarm_limit'),
  past: flag('past'),
  since: integer('since'),
  raisedAt: integer('raised_at'),
  raisedSeenAt: integer('raised_seen_at'),
  clearedAt: optionalInteger('cleared_at'),
  clearedSeenAt: optionalInteger('cleared_seen_at'),
  end: optionalWord('ended', ALARM_ENDS),
  value: json('value'),
  worst: json('worst'),
  acknowledgedBy: optionalText('acknowledged_by'),
  acknowledgedAt: optionalInteger('acknowledged_at'),
  note: optionalText('note'),
};

type Row = { [K in keyof typeof columns]: ReturnType<(typeof columns)[K]['read']> };

/** Above every id: no ULID begins with a `Z`. */
const LAST_ID = 'Z'.repeat(26);

/** In the words of the index of those that are open. */
const IN_STATE: Readonly<Record<Exclude<AlarmState, 'waiting'>, string>> = {
  raised: 'cleared_at IS NULL AND acknowledged_at IS NULL',
  acknowledged: 'cleared_at IS NULL AND acknowledged_at IS NOT NULL',
  cleared: 'cleared_at IS NOT NULL',
};

/** Which alarms are asked for: all that are given must match. */
export interface AlarmFilter {
  readonly state?: Exclude<AlarmState, 'waiting'> | undefined;
  readonly device?: string | undefined;
  readonly level?: AlarmLevel | undefined;
}

/** The limit that an alarm is of. */
export type AlarmedLimit = Pick<AlarmView, 'device' | 'metric' | 'level'>;

/** So many alarms are forgotten at once: more would hold up the loop. */
const PRUNED_AT_ONCE = 1_000;
/** Where there are too many, this part of them more is forgotten, so that they are not counted after each new one. */
const SLACK = 0.01;
/** Alarms of one limit hardly overlap: what was there at a moment is among the last few that began before it. */
const LOOKED_BACK = 16;

/** Alarms, durable. What goes together goes into one {@link StateFile.transaction}. */
export class AlarmStore {
  readonly #onDamage: OnDamage;
  readonly #put: Change;
  readonly #setWorst: Change;
  readonly #acknowledge: Change;
  readonly #pruneOld: Change;
  readonly #pruneMany: Change;
  readonly #one: Select<Row>;
  readonly #open: Select<Row>;
  readonly #count: Select<{ count: number }>;
  readonly #countOpen: Select<{ count: number }>;
  readonly #select: (where: string) => Select<Row>;
  /** Pages by their filter: one statement for all of them would have no use for an index, and read the whole table. */
  readonly #pages = new Map<string, Select<Row>>();
  readonly #overlapping: Select<Row>;
  readonly #unseen: Select<Row>;
  readonly #week: Select<{ profile: string | null; metric: string | null; level: AlarmLevel; count: number }>;
  /** So many may become over before more than `keep` can be; below zero they have to be counted. */
  #spare = -1;

  /** @param onDamage told of alarms that were to be taken up and cannot be read: they are left out */
  constructor(state: StateFile, onDamage: OnDamage) {
    this.#onDamage = onDamage;
    this.#put = state.change(
      `INSERT INTO alarms (id, device, metric, level, alarm_limit, past, since, raised_at, raised_seen_at, cleared_at,
         cleared_seen_at, ended, value, worst)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET past = excluded.past, since = excluded.since, cleared_at = excluded.cleared_at,
         cleared_seen_at = excluded.cleared_seen_at, ended = excluded.ended, worst = excluded.worst`,
    );
    this.#setWorst = state.change('UPDATE alarms SET worst = ? WHERE id = ?');
    this.#acknowledge = state.change(
      `UPDATE alarms SET acknowledged_by = ?, acknowledged_at = ?, note = ? WHERE id = ? AND acknowledged_at IS NULL`,
    );
    this.#pruneOld = state.change(
      `DELETE FROM alarms WHERE id IN (SELECT id FROM alarms WHERE id < ? AND cleared_at IS NOT NULL LIMIT ${PRUNED_AT_ONCE})`,
    );
    this.#pruneMany = state.change(
      'DELETE FROM alarms WHERE id IN (SELECT id FROM alarms WHERE cleared_at IS NOT NULL ORDER BY id LIMIT ?)',
    );
    this.#one = state.select(columns, 'FROM alarms WHERE id = ?');
    this.#open = state.select(columns, 'FROM alarms WHERE cleared_at IS NULL ORDER BY id');
    const count = { count: integer('count(*)') };
    this.#count = state.select(count, 'FROM alarms');
    this.#countOpen = state.select(count, 'FROM alarms WHERE cleared_at IS NULL');
    this.#select = (where) =>
      state.select(columns, `FROM alarms WHERE ${where} id < ?1 ORDER BY id DESC LIMIT ?2`);
    this.#overlapping = state.select(
      columns,
      `FROM alarms WHERE (cleared_at IS NULL OR cleared_at >= ?4) AND id IN
         (SELECT id FROM alarms WHERE device = ?1 AND metric = ?2 AND level = ?3 AND since <= ?5
            ORDER BY since DESC LIMIT ${LOOKED_BACK})
         ORDER BY since DESC`,
    );
    this.#unseen = state.select(
      columns,
      `FROM alarms INDEXED BY alarms_limit WHERE device = ?1 AND metric IS ?2 AND level = ?3 AND past = 0
         AND ${IN_STATE.raised} ORDER BY id`,
    );
    this.#week = state.select(
      {
        profile: optionalText('devices.profile'),
        metric: optionalText('metric'),
        level: word('level', ALARM_LEVELS),
        count: integer('sum(raised)'),
      },
      // By device first: an index has them in this order, and devices are looked up once each.
      `FROM (SELECT device, metric, level, count(*) AS raised FROM alarms INDEXED BY alarms_limit
         WHERE id >= ? GROUP BY device, metric, level)
       JOIN devices ON devices.id = device GROUP BY 1, 2, 3`,
    );
  }

  /** Adds an alarm, or writes what may have changed of it; an acknowledgement stays as it is. */
  put(alarm: AlarmView): void {
    const { id, device, metric, level, past, since, raisedAt, raisedSeenAt, clearedAt, clearedSeenAt, end } =
      alarm;
    if (clearedAt !== null) this.#spare--;
    const [limit, value, worst] = [alarm.limit, alarm.value, alarm.worst].map((one) => JSON.stringify(one));
    this.#put.run(
      ...[id, device, metric, level, limit ?? '', Number(past), since, raisedAt, raisedSeenAt],
      ...[clearedAt, clearedSeenAt, end, value ?? '', worst ?? ''],
    );
  }

  setWorst(id: string, worst: AlarmView['worst']): void {
    this.#setWorst.run(JSON.stringify(worst), id);
  }

  /** @returns whether nobody had acknowledged it before */
  acknowledge(id: string, by: string, at: number, note: string | null): boolean {
    return this.#acknowledge.run(by, at, note, id) > 0;
  }

  get(id: string): AlarmView | undefined {
    const row = this.#one.get(id);
    return row && viewOf(row);
  }

  /** All that are not cleared. */
  open(): AlarmView[] {
    return this.#open.sound(this.#onDamage).map(viewOf);
  }

  /** Newest first; the cursor is the id of the last one seen. */
  list({ device, level, state }: AlarmFilter, { limit, cursor }: PageQuery): Page<AlarmView> {
    const wanted = [device, level].filter((value) => value !== undefined);
    const where = [
      ...(device === undefined ? [] : ['device = ?3']),
      ...(level === undefined ? [] : [`level = ?${device === undefined ? 3 : 4}`]),
      ...(state === undefined ? [] : [IN_STATE[state]]),
    ];
    const rows = this.#page(where.map((term) => `${term} AND`).join(' ')).all(
      cursor ?? LAST_ID,
      limit + 1,
      ...wanted,
    );
    const items = rows.slice(0, limit).map(viewOf);
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  #page(where: string): Select<Row> {
    const page = this.#pages.get(where) ?? this.#select(where);
    this.#pages.set(where, page);
    return page;
  }

  /** An alarm of a limit that was there at any moment between two times, ms since 1970; the one that began last. */
  overlapping({ device, metric, level }: AlarmedLimit, from: number, to: number): AlarmView | undefined {
    const [row] = this.#overlapping.sound(this.#onDamage, device, metric, level, from, to);
    return row && viewOf(row);
  }

  /** Those of a limit that are raised now and that nobody has acknowledged; what is past is not among them. */
  unseen({ device, metric, level }: AlarmedLimit): AlarmView[] {
    return this.#unseen.sound(this.#onDamage, device, metric, level).map(viewOf);
  }

  /** How many alarms each rule has raised since the alarm with this id would have been. */
  countsSince(id: string) {
    return this.#week.all(id);
  }

  /**
   * Forgets cleared alarms: those older than the id, and the oldest where more than `keep` are left; at most 2,000 a call.
   * @returns how many
   */
  prune(olderThan: string, keep: number): number {
    const old = this.#pruneOld.run(olderThan);
    if (this.#spare >= 0) return old;
    const over = (this.#count.get()?.count ?? 0) - (this.#countOpen.get()?.count ?? 0);
    const tooMany = over > keep ? Math.ceil(over - keep * (1 - SLACK)) : 0;
    const many = tooMany > 0 ? this.#pruneMany.run(Math.min(tooMany, PRUNED_AT_ONCE)) : 0;
    this.#spare = keep - (over - many);
    return old + many;
  }
}

function viewOf({ limit, value, worst, ...row }: Row): AlarmView {
  return {
    ...row,
    limit: limit as AlarmLimit,
    value: value as AlarmView['value'],
    worst: worst as AlarmView['worst'],
    state: stateOf(row),
  };
}

/** Of an alarm that was raised. */
export function stateOf({
  clearedAt,
  acknowledgedAt,
}: Pick<AlarmView, 'clearedAt' | 'acknowledgedAt'>): AlarmState {
  if (clearedAt !== null) return 'cleared';
  return acknowledgedAt === null ? 'raised' : 'acknowledged';
}
