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
import type { Change, Select } from './connection.js';
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

/** How the readings of a device stand with its limits, at an offset of the journal. */
export interface KeptWatchRow {
  readonly device: string;
  readonly offset: number;
  readonly json: string;
}

/** Alarms and the watches that raise them, durable. What goes together goes into one {@link StateFile.transaction}. */
export class AlarmStore {
  readonly #put: Change;
  readonly #setWorst: Change;
  readonly #acknowledge: Change;
  readonly #pruneOld: Change;
  readonly #pruneMany: Change;
  readonly #one: Select<Row>;
  readonly #open: Select<Row>;
  readonly #select: (where: string) => Select<Row>;
  /** Pages by their filter: one statement for all of them would have no use for an index, and read the whole table. */
  readonly #pages = new Map<string, Select<Row>>();
  readonly #overlapping: Select<Row>;
  readonly #week: Select<{ profile: string | null; metric: string | null; level: AlarmLevel; count: number }>;
  readonly #watches: Select<KeptWatchRow>;
  readonly #saveWatch: Change;
  readonly #offset: Select<{ journal: string; offset: number }>;
  readonly #move: Change;

  constructor(state: StateFile) {
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
      `DELETE FROM alarms WHERE id IN (SELECT id FROM alarms WHERE id < ? AND cleared_at IS NOT NULL LIMIT 1000)`,
    );
    this.#pruneMany = state.change(
      `DELETE FROM alarms WHERE id IN
         (SELECT id FROM alarms WHERE cleared_at IS NOT NULL ORDER BY id DESC LIMIT 1000 OFFSET ?)`,
    );
    this.#one = state.select(columns, 'FROM alarms WHERE id = ?');
    this.#open = state.select(columns, 'FROM alarms WHERE cleared_at IS NULL ORDER BY id');
    this.#select = (where) =>
      state.select(columns, `FROM alarms WHERE ${where} id < ?1 ORDER BY id DESC LIMIT ?2`);
    this.#overlapping = state.select(
      columns,
      `FROM alarms WHERE device = ?1 AND metric = ?2 AND level = ?3 AND since <= ?5
         AND (cleared_at IS NULL OR cleared_at >= ?4) ORDER BY id DESC LIMIT 1`,
    );
    this.#week = state.select(
      {
        profile: optionalText('devices.profile'),
        metric: optionalText('alarms.metric'),
        level: word('alarms.level', ALARM_LEVELS),
        count: integer('count(*)'),
      },
      `FROM alarms JOIN devices ON devices.id = alarms.device WHERE alarms.id >= ? GROUP BY 1, 2, 3`,
    );
    this.#watches = state.select(
      { device: text('device'), offset: integer('"offset"'), json: text('json') },
      'FROM alarm_watches',
    );
    this.#saveWatch = state.change(
      `INSERT INTO alarm_watches (device, "offset", json) SELECT id, ?, ? FROM devices WHERE id = ?
       ON CONFLICT (device) DO UPDATE SET "offset" = excluded."offset", json = excluded.json`,
    );
    this.#offset = state.select(
      { journal: text('journal'), offset: integer('"offset"') },
      'FROM alarm_offset WHERE id = 1',
    );
    this.#move = state.change(
      `INSERT INTO alarm_offset (id, journal, "offset") VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET journal = excluded.journal, "offset" = excluded."offset"`,
    );
  }

  /** Adds an alarm, or writes what may have changed of it; an acknowledgement stays as it is. */
  put(alarm: AlarmView): void {
    const { id, device, metric, level, past, since, raisedAt, raisedSeenAt, clearedAt, clearedSeenAt, end } =
      alarm;
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
    return this.#open.all().map(viewOf);
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

  /** The newest alarm of a limit that was there at any moment between two times, ms since 1970. */
  overlapping(
    device: string,
    metric: string,
    level: AlarmLevel,
    from: number,
    to: number,
  ): AlarmView | undefined {
    const row = this.#overlapping.get(device, metric, level, from, to);
    return row && viewOf(row);
  }

  /** How many alarms each rule has raised since the alarm with this id would have been. */
  countsSince(id: string) {
    return this.#week.all(id);
  }

  /**
   * Forgets cleared alarms: those older than the id, and all but the newest `keep`; at most 2,000 a call.
   * @returns how many
   */
  prune(olderThan: string, keep: number): number {
    return this.#pruneOld.run(olderThan) + this.#pruneMany.run(keep);
  }

  watches(): KeptWatchRow[] {
    return this.#watches.all();
  }

  saveWatch({ device, offset, json }: KeptWatchRow): void {
    this.#saveWatch.run(offset, json, device);
  }

  /** Up to where in which journal all watches reach; undefined before the first time. */
  offset(): { readonly journal: string; readonly offset: number } | undefined {
    return this.#offset.get();
  }

  move(journal: string, offset: number): void {
    this.#move.run(journal, offset);
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
