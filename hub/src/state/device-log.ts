import type { DeviceLogLine, Page, PageQuery } from '@fieldline/protocol';
import { integer, text } from './column.js';
import { RecentRows } from './recent-rows.js';
import { shortText } from './short-text.js';
import type { StateFile } from './state-file.js';

const MAX_LEVEL_BYTES = 32;
const MAX_MESSAGE_BYTES = 1_024;

const columns = { at: integer('at'), level: text('level'), message: text('message') };

/** What devices have to say: the newest 1,000 lines of each. */
export class DeviceLog {
  readonly #rows: RecentRows<typeof columns>;

  constructor(state: StateFile) {
    this.#rows = new RecentRows(state, 'device_log', Object.keys(columns), columns);
  }

  /** Lines that were dropped unwritten, because more waited than may. */
  get dropped(): number {
    return this.#rows.dropped;
  }

  /** Takes a line into memory; {@link flush} makes it durable. */
  add({ device, at, level, message }: DeviceLogLine & { readonly device: string }): void {
    const kept = [shortText(level, MAX_LEVEL_BYTES), shortText(message, MAX_MESSAGE_BYTES)];
    this.#rows.add(device, [Math.trunc(at), ...kept]);
  }

  /**
   * Writes what waits, in one transaction. When it throws, everything still waits.
   * @throws FieldlineError `state_unwritable`, `state_damaged`
   */
  flush(): void {
    this.#rows.flush();
  }

  /** Lines of one device, newest first. */
  list(device: string, page: PageQuery): Page<DeviceLogLine> {
    return this.#rows.list(device, page);
  }
}
