import { ALARM_CHANNELS, type AlarmChannelName, type AlarmDelivery } from '@fieldline/protocol';
import { integer, optionalInteger, optionalText, text, word } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** Something that a channel has still to tell. */
export interface OwedDelivery {
  readonly id: number;
  readonly event: string;
  /** JSON of what is to be told. */
  readonly payload: string;
  /** What is told in one message has the same number here; null before it was put together. */
  readonly message: number | null;
  readonly attempts: number;
  /** ms since 1970. */
  readonly at: number;
}

/** So much is owed to one channel at the most: beyond it the oldest is given up. */
const MOST_OWED = 10_000;
/** So much that is done is remembered, of all channels. */
const KEPT = 20_000;
const TRIM_EVERY = 500;

const viewColumns = {
  channel: word('channel', ALARM_CHANNELS),
  event: text('event'),
  at: integer('at'),
  state: word('state', ['owed', 'sent', 'refused', 'expired']),
  attempts: integer('attempts'),
  doneAt: optionalInteger('done_at'),
  error: optionalText('error'),
};

/** What is owed to the channels that tell of alarms, and what became of it. Written with the alarms themselves. */
export class AlarmDeliveries {
  /** What was given up because too much was owed, by channel. */
  readonly overrun = new Map<AlarmChannelName, number>();
  readonly #state: StateFile;
  readonly #insert: Change;
  readonly #overrun: Change;
  readonly #gather: Change;
  readonly #done: Change;
  readonly #failed: Change;
  readonly #expire: Change;
  readonly #prune: Change;
  readonly #owed: Select<OwedDelivery>;
  readonly #count: Select<{ count: number }>;
  readonly #of: Select<AlarmDelivery>;
  #added = TRIM_EVERY;

  constructor(state: StateFile) {
    this.#state = state;
    this.#insert = state.change(
      `INSERT INTO alarm_deliveries (channel, alarm, event, at, payload, state, attempts)
       VALUES (?, ?, ?, ?, ?, 'owed', 0)`,
    );
    this.#overrun = state.change(
      `UPDATE alarm_deliveries SET state = 'expired', error = 'too much was owed', done_at = ?2 WHERE id IN
         (SELECT id FROM alarm_deliveries WHERE channel = ?1 AND state = 'owed' ORDER BY id DESC LIMIT -1 OFFSET ${MOST_OWED})`,
    );
    this.#gather = state.change('UPDATE alarm_deliveries SET message = ? WHERE id = ?');
    this.#done = state.change(
      'UPDATE alarm_deliveries SET state = ?, attempts = attempts + 1, done_at = ?, error = ? WHERE id = ?',
    );
    this.#failed = state.change(
      'UPDATE alarm_deliveries SET attempts = attempts + 1, error = ? WHERE id = ?',
    );
    this.#expire = state.change(
      `UPDATE alarm_deliveries SET state = 'expired', done_at = ?2 WHERE channel = ?1 AND state = 'owed' AND at < ?3`,
    );
    this.#prune = state.change(
      `DELETE FROM alarm_deliveries WHERE state <> 'owed' AND id < (SELECT max(id) FROM alarm_deliveries) - ${KEPT}`,
    );
    this.#owed = state.select(
      {
        ...{ id: integer('id'), event: text('event'), payload: text('payload'), at: integer('at') },
        ...{ message: optionalInteger('message'), attempts: integer('attempts') },
      },
      `FROM alarm_deliveries WHERE channel = ? AND state = 'owed' ORDER BY id LIMIT ?`,
    );
    this.#count = state.select(
      { count: integer('count(*)') },
      `FROM alarm_deliveries WHERE channel = ? AND state = 'owed'`,
    );
    this.#of = state.select(viewColumns, 'FROM alarm_deliveries WHERE alarm = ? ORDER BY id DESC LIMIT 50');
  }

  /** Notes what is owed; within the transaction of what it tells of. */
  add(channel: AlarmChannelName, owed: { alarm: string; event: string; at: number; payload: string }): void {
    this.#insert.run(channel, owed.alarm, owed.event, owed.at, owed.payload);
    this.#added++;
  }

  /** Gives up what is too much, and forgets what is done, where much was added; outside of transactions, for it counts. */
  trim(now: number): void {
    if (this.#added < TRIM_EVERY) return;
    this.#added = 0;
    this.#prune.run();
    for (const channel of ALARM_CHANNELS) {
      const given = this.#overrun.run(channel, now);
      if (given > 0) this.overrun.set(channel, (this.overrun.get(channel) ?? 0) + given);
    }
  }

  /** Oldest first. */
  owed(channel: AlarmChannelName, limit: number): OwedDelivery[] {
    return this.#owed.all(channel, limit);
  }

  count(channel: AlarmChannelName): number {
    return this.#count.get(channel)?.count ?? 0;
  }

  /** These are told in one message, also when it has to be told again. */
  gather(ids: readonly number[]): void {
    this.#state.transaction(() => {
      for (const id of ids) this.#gather.run(ids[0] ?? null, id);
    });
  }

  /** These are done with: told, or given up. */
  done(ids: readonly number[], state: 'sent' | 'refused', at: number, error: string | null): void {
    this.#state.transaction(() => {
      for (const id of ids) this.#done.run(state, at, error, id);
    });
  }

  failed(ids: readonly number[], error: string): void {
    this.#state.transaction(() => {
      for (const id of ids) this.#failed.run(error, id);
    });
  }

  /** Gives up what is older; answers how many. */
  expire(channel: AlarmChannelName, now: number, before: number): number {
    return this.#expire.run(channel, now, before);
  }

  /** What of an alarm was told where; the newest 50, oldest first. */
  of(alarm: string): AlarmDelivery[] {
    return this.#of.all(alarm).reverse();
  }
}
