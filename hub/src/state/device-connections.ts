import { CONNECTION_EVENTS, type DeviceConnection, type Page, type PageQuery } from '@fieldline/protocol';
import { integer, optionalInteger, optionalText, word } from './column.js';
import { RecentRows } from './recent-rows.js';
import { shortText } from './short-text.js';
import type { StateFile } from './state-file.js';

const MAX_TEXT_BYTES = 64;
/** As many as ten thousand devices bring about that come and go a few times within a second; some 10 MB. */
const MAX_WAITING = 50_000;

const columns = {
  at: integer('at'),
  event: word('event', CONNECTION_EVENTS),
  reason: optionalText('reason'),
  boot: optionalText('boot'),
  from_at: optionalInteger('from_at'),
  to_at: optionalInteger('to_at'),
  readings: optionalInteger('readings'),
};

/** What befell the connections of devices: the newest 1,000 events of each. */
export class DeviceConnections {
  readonly #rows: RecentRows<typeof columns>;

  constructor(state: StateFile) {
    this.#rows = new RecentRows(state, 'device_connections', Object.keys(columns), columns, MAX_WAITING);
  }

  /** Events that were dropped unwritten, because more waited than may. */
  get dropped(): number {
    return this.#rows.dropped;
  }

  /** Events that wait to be written. */
  get waiting(): number {
    return this.#rows.waiting;
  }

  /** Takes an event into memory; {@link flush} makes it durable. */
  add(device: string, { at, event, reason, boot, from, to, readings }: DeviceConnection): void {
    const short = (text: string | undefined) => (text === undefined ? null : shortText(text, MAX_TEXT_BYTES));
    this.#rows.add(device, [
      ...[Math.trunc(at), event, short(reason), short(boot)],
      ...[from ?? null, to ?? null, readings ?? null],
    ]);
  }

  /**
   * Writes what waits, in one transaction. When it throws, everything still waits.
   * @param atMost of the oldest events
   * @throws FieldlineError `state_unwritable`, `state_damaged`
   */
  flush(atMost?: number): void {
    this.#rows.flush(atMost);
  }

  /** Events of one device, newest first. */
  list(device: string, page: PageQuery): Page<DeviceConnection> {
    const { items, next } = this.#rows.list(device, page);
    return { items: items.map(viewOf), next };
  }
}

function viewOf({ at, event, reason, boot, from_at, to_at, readings }: Row): DeviceConnection {
  return {
    at,
    event,
    ...(reason === null ? {} : { reason }),
    ...(boot === null ? {} : { boot }),
    ...(from_at === null ? {} : { from: from_at }),
    ...(to_at === null ? {} : { to: to_at }),
    ...(readings === null ? {} : { readings }),
  };
}

type Row = { readonly [K in keyof typeof columns]: ReturnType<(typeof columns)[K]['read']> };
