import { integer, text } from './column.js';
import type { Change, OnDamage, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** How a device stood at {@link SnapshotOffset}: latest values, counters. The JSON belongs to the writer. */
export interface DeviceSnapshot {
  readonly device: string;
  readonly json: string;
}

/** Up to where in the journal the snapshots reach. */
export interface SnapshotOffset {
  /** `Journal.id`; `''` when nothing was saved yet. */
  readonly journal: string;
  /** Offset of the last reading that they contain; 0 for none. */
  readonly offset: number;
}

const PAGE_ROWS = 1_000;

/** What is known of devices at one offset of the journal, so that a start replays only what came after it. */
export class DeviceSnapshots {
  readonly #state: StateFile;
  readonly #page: Select<DeviceSnapshot>;
  readonly #offset: Select<SnapshotOffset>;
  readonly #save: Change;
  readonly #move: Change;

  constructor(state: StateFile) {
    this.#state = state;
    this.#page = state.select(
      { device: text('device'), json: text('json') },
      `FROM device_snapshots ORDER BY device LIMIT ${PAGE_ROWS} OFFSET ?`,
    );
    this.#offset = state.select(
      { journal: text('journal'), offset: integer('"offset"') },
      'FROM snapshot_offset WHERE id = 1',
    );
    this.#save = state.change(
      `INSERT INTO device_snapshots (device, json) SELECT id, ? FROM devices WHERE id = ?
       ON CONFLICT (device) DO UPDATE SET json = excluded.json`,
    );
    this.#move = state.change(
      `INSERT INTO snapshot_offset (id, journal, "offset") VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET journal = excluded.journal, "offset" = excluded."offset"`,
    );
  }

  /**
   * Every snapshot, in order of the device. Nothing may be saved meanwhile.
   * @param onDamage told of rows that cannot be read: they are left out
   */
  *all(onDamage: OnDamage): Generator<DeviceSnapshot> {
    let rows = PAGE_ROWS;
    for (let from = 0; rows === PAGE_ROWS; from += PAGE_ROWS) {
      rows = 0;
      const damaged: OnDamage = (error) => {
        rows++;
        onDamage(error);
      };
      const page = this.#page.sound(damaged, from);
      rows += page.length;
      yield* page;
    }
  }

  /**
   * Replaces the snapshots of these devices, and moves the offset with the last of them, in one transaction. Devices that
   * are not in the registry are left out.
   * @param offset null while more are to come: a power cut may undo that, as long as the offset was not moved
   */
  save(offset: SnapshotOffset | null, rows: readonly DeviceSnapshot[]): void {
    const write = () => {
      for (const { device, json } of rows) this.#save.run(json, device);
    };
    if (offset === null) {
      this.#state.unsynced(write);
      return;
    }
    this.#state.transaction(() => {
      write();
      this.#move.run(offset.journal, offset.offset);
    });
  }

  /** Up to where the snapshots reach. */
  offset(): SnapshotOffset {
    return this.#offset.get() ?? { journal: '', offset: 0 };
  }
}
