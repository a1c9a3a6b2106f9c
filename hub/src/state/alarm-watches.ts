import { integer, text } from './column.js';
import type { Change, OnDamage, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** How the readings of a device stand with its limits, at an offset of the journal. */
export interface KeptWatchRow {
  readonly device: string;
  readonly offset: number;
  readonly json: string;
}

/** Where in the journal the judging of readings has come to, durable: for each device, and for all of them. */
export class AlarmWatches {
  readonly #onDamage: OnDamage;
  readonly #all: Select<KeptWatchRow>;
  readonly #save: Change;
  readonly #reach: Select<{ journal: string; offset: number }>;
  readonly #move: Change;
  readonly #forgetOffsets: Change;
  readonly #state: StateFile;

  /** @param onDamage told of rows that cannot be read: they are left out */
  constructor(state: StateFile, onDamage: OnDamage) {
    this.#onDamage = onDamage;
    this.#state = state;
    this.#forgetOffsets = state.change('UPDATE alarm_watches SET "offset" = 0');
    this.#all = state.select(
      { device: text('device'), offset: integer('"offset"'), json: text('json') },
      'FROM alarm_watches',
    );
    this.#save = state.change(
      `INSERT INTO alarm_watches (device, "offset", json) SELECT id, ?, ? FROM devices WHERE id = ?
       ON CONFLICT (device) DO UPDATE SET "offset" = excluded."offset", json = excluded.json`,
    );
    this.#reach = state.select(
      { journal: text('journal'), offset: integer('"offset"') },
      'FROM alarm_offset WHERE id = 1',
    );
    this.#move = state.change(
      `INSERT INTO alarm_offset (id, journal, "offset") VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET journal = excluded.journal, "offset" = excluded."offset"`,
    );
  }

  all(): KeptWatchRow[] {
    return this.#all.sound(this.#onDamage);
  }

  /** A device that is gone has none. */
  save({ device, offset, json }: KeptWatchRow): void {
    this.#save.run(offset, json, device);
  }

  /** Up to where in which journal all of them reach; undefined before the first time. */
  reach(): { readonly journal: string; readonly offset: number } | undefined {
    return this.#reach.sound(this.#onDamage)[0];
  }

  move(journal: string, offset: number): void {
    this.#move.run(journal, offset);
  }

  /** The same in another journal: offsets of the one before tell nothing of this one. */
  begin(journal: string, offset: number): void {
    this.#state.transaction(() => {
      this.#forgetOffsets.run();
      this.move(journal, offset);
    });
  }
}
