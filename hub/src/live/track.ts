import type { Reading, Value } from '@fieldline/journal';
import type { Latest } from '../devices/directory.js';
import type { Audience } from './audience.js';
import type { Interest } from './lane.js';

/** Stands for the tags of a device where nobody asks for them. */
export const NO_TAGS: Readonly<Record<string, string>> = Object.freeze({});

/** The latest value of one metric. */
interface Cell {
  /** Microseconds since 1970. */
  time: number;
  value: Value;
  /** The commit that brought it; 0 for what was known before anybody looked. */
  version: number;
}

/** Decides which metrics a reader is given; null for all of them. */
export type MetricFilter = ((metric: string) => boolean) | null;

/**
 * What is live of one device: its latest values, each stamped with the commit that brought it. Whoever reads
 * it remembers one number, the last commit it has seen, and asks for what is newer. That is all the state a
 * slow reader needs, however long it stays away.
 */
export class Track {
  readonly device: string;
  readonly #cells = new Map<string, Cell>();

  /** Who wants its telemetry and its events; filled in by {@link Audiences}. */
  interests: readonly Interest[] = [];
  audiences: readonly Audience[] = [];
  /** The state of the subscriptions, and the tags, that these were found with. */
  routedAt = -1;
  routedTags: Readonly<Record<string, string>> = NO_TAGS;

  constructor(device: string, latest: Iterable<readonly [metric: string, latest: Latest]>) {
    this.device = device;
    for (const [metric, { time, value }] of latest) {
      this.#cells.set(metric, { time: time * 1_000, value, version: 0 });
    }
  }

  /**
   * Takes a reading in. A value older than the latest of its metric is a backfill and changes nothing.
   * @returns whether anything changed
   */
  apply(reading: Reading, version: number): boolean {
    const { time, values } = reading;
    let changed = false;
    for (const metric in values) {
      const value = values[metric];
      if (value === undefined) continue;
      const cell = this.#cells.get(metric);
      if (cell === undefined) {
        this.#cells.set(metric, { time, value, version });
      } else if (time >= cell.time) {
        cell.time = time;
        cell.value = value;
        cell.version = version;
      } else {
        continue;
      }
      changed = true;
    }
    return changed;
  }

  /**
   * What came after commit `since`, as rows of an `update` frame: values of the same millisecond share a row,
   * the oldest row comes first.
   */
  rowsSince(since: number, covers: MetricFilter): string[] {
    const byTime = new Map<number, string>();
    for (const [metric, cell] of this.#cells) {
      if (cell.version <= since || (covers !== null && !covers(metric))) continue;
      const timeMs = toMs(cell.time);
      const before = byTime.get(timeMs);
      const member = `"${metric}":${valueText(cell.value)}`;
      byTime.set(timeMs, before === undefined ? member : `${before},${member}`);
    }
    const rows = [...byTime];
    if (rows.length > 1) rows.sort(([a], [b]) => a - b);
    return rows.map(([timeMs, members]) => `["${this.device}",${timeMs},{${members}}]`);
  }
}

/** One reading as a row of an `update` frame; undefined when the filter leaves nothing of it. */
export function rowOf(reading: Reading, covers: MetricFilter): string | undefined {
  const { values } = reading;
  let members = '';
  for (const metric in values) {
    const value = values[metric];
    if (value === undefined || (covers !== null && !covers(metric))) continue;
    const member = `"${metric}":${valueText(value)}`;
    members = members === '' ? member : `${members},${member}`;
  }
  return members === '' ? undefined : `["${reading.device}",${toMs(reading.time)},{${members}}]`;
}

/** A value as JSON. The journal holds finite numbers only; names of devices and metrics need no escaping. */
export function valueText(value: Value): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function toMs(timeUs: number): number {
  return Math.floor(timeUs / 1_000);
}
