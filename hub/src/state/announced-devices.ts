import { DamagedCell, json, text } from './column.js';
import type { Change, Select } from './connection.js';
import type { StateFile } from './state-file.js';

/** What Home Assistant knows under one discovery topic. */
export interface AnnouncedDevice {
  readonly topic: string;
  /** Home Assistant's platform (`sensor`, `binary_sensor`) by the key of the component. */
  readonly components: Readonly<Record<string, string>>;
}

const PAGE_ROWS = 1_000;

const { read: readJson } = json('components');
const columns = {
  topic: text('topic'),
  components: {
    sql: 'components',
    read: (cell: Parameters<typeof readJson>[0]) => {
      const value = readJson(cell);
      if (typeof value !== 'object' || value === null) throw new DamagedCell('not an object');
      return Object.fromEntries(Object.entries(value).map(([key, platform]) => [key, String(platform)]));
    },
  },
};

/** The devices and components that Home Assistant was told of, in this run or before, and may have to forget. */
export class AnnouncedDevices {
  readonly #state: StateFile;
  readonly #after: Select<AnnouncedDevice>;
  readonly #save: Change;
  readonly #forget: Change;

  constructor(state: StateFile) {
    this.#state = state;
    this.#after = state.select(
      columns,
      `FROM home_assistant_announced WHERE topic > ? ORDER BY topic LIMIT ${PAGE_ROWS}`,
    );
    this.#save = state.change(
      `INSERT INTO home_assistant_announced (topic, components) VALUES (?, ?)
       ON CONFLICT (topic) DO UPDATE SET components = excluded.components`,
    );
    this.#forget = state.change('DELETE FROM home_assistant_announced WHERE topic = ?');
  }

  /** All of them, in order of the topic. */
  *all(): Generator<AnnouncedDevice> {
    let page = this.#after.all('');
    while (page.length > 0) {
      yield* page;
      const last = page.at(-1);
      page = last === undefined || page.length < PAGE_ROWS ? [] : this.#after.all(last.topic);
    }
  }

  /** Replaces what is known of these topics, in one transaction. */
  save(devices: readonly AnnouncedDevice[]): void {
    if (devices.length === 0) return;
    this.#state.transaction(() => {
      for (const { topic, components } of devices) this.#save.run(topic, JSON.stringify(components));
    });
  }

  /** Forgets these topics, in one transaction. */
  forget(topics: readonly string[]): void {
    if (topics.length === 0) return;
    this.#state.transaction(() => {
      for (const topic of topics) this.#forget.run(topic);
    });
  }
}
