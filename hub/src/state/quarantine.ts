import type { Page, PageQuery, QuarantineItem } from '@fieldline/protocol';
import { integer, json, optionalText, text } from './column.js';
import { RecentRows } from './recent-rows.js';
import { shortText } from './short-text.js';
import type { StateFile } from './state-file.js';

/** Largest text that is kept: of a value, of a raw frame, of a reason. Bytes of UTF-8. */
const MAX_TEXT_BYTES = 256;
/** Largest value that is kept as JSON; of a larger one the beginning is kept as a text. */
const MAX_JSON_BYTES = 1_024;

const columns = {
  time: integer('time'),
  metric: optionalText('metric'),
  value: json('value'),
  code: text('code'),
  message: text('message'),
  source: text('source'),
};

/** What was refused, so that nothing is lost silently: the newest 1,000 items of each device. */
export class Quarantine {
  readonly #rows: RecentRows<typeof columns>;

  constructor(state: StateFile) {
    this.#rows = new RecentRows(state, 'quarantine', Object.keys(columns), columns);
  }

  /** Items that were dropped unwritten, because more waited than may. */
  get dropped(): number {
    return this.#rows.dropped;
  }

  /** Takes an item into memory; {@link flush} makes it durable. Never throws, whatever the value is. */
  add(item: QuarantineItem & { readonly device: string }): void {
    this.#rows.add(item.device, [
      Math.trunc(item.time),
      item.metric === null ? null : shortText(item.metric, MAX_TEXT_BYTES),
      valueText(item.value),
      shortText(item.code, MAX_TEXT_BYTES),
      shortText(item.message, MAX_TEXT_BYTES),
      shortText(item.source, MAX_TEXT_BYTES),
    ]);
  }

  /**
   * Writes what waits, in one transaction. When it throws, everything still waits.
   * @throws FieldlineError `state_unwritable`, `state_damaged`
   */
  flush(): void {
    this.#rows.flush();
  }

  /** Items of one device, newest first. */
  list(device: string, page: PageQuery): Page<QuarantineItem> {
    return this.#rows.list(device, page);
  }
}

/** JSON of at most {@link MAX_JSON_BYTES}. */
function valueText(value: unknown): string {
  let encoded: string;
  try {
    encoded = JSON.stringify(value, keepable) ?? 'null';
  } catch (error) {
    // Too deep, or a ring: it cannot have come from a message, and still must not stop one.
    encoded = JSON.stringify(`not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (Buffer.byteLength(encoded) <= MAX_JSON_BYTES) return encoded;
  return JSON.stringify(shortText(encoded, MAX_TEXT_BYTES));
}

function keepable(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'string' ? shortText(value, MAX_TEXT_BYTES) : value;
}
