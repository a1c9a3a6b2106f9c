import type { RollupRecord } from '../../state/influx-rollups.js';
import { aligned, clipped, type Range, type Ranges, withoutRange, withRange } from './ranges.js';
import { ROLLUP_UNITS, type RollupUnit, UNIT_MS } from './rollup-unit.js';
import type { WrittenRange } from './written-ranges.js';

/** Where the ledger lasts (state/influx-rollups.ts). */
export interface RollupStore {
  all(): readonly RollupRecord[];
  put(record: RollupRecord): void;
  clear(): void;
}

interface Line {
  readonly measurement: string;
  readonly unit: RollupUnit;
  sealed: number;
  repairs: Ranges;
  /** Up to where something was written, as far as that is behind `sealed`; null while nobody knows. */
  touchedTo: number | null;
  /** The range that is being rolled up, and what was written meanwhile. */
  running: { range: Range; touched: Ranges } | null;
}

/** What was written before the start may be ahead of the clock: of the next hour, by devices that are minutes fast. */
const AHEAD_MS = 2 * 3_600_000;
/** Ranges that one rollup remembers to do again. Beyond it the nearest are merged. */
const MAX_REPAIRS = 64;

/**
 * Which parts of the rollups hold what the raw readings hold. A rollup is whole before `sealed`, but for its repairs;
 * behind it are the newest readings, which every write changes. What is written before it is a repair from that
 * moment on, durably, so that a rollup never lies.
 */
export class RollupLedger {
  readonly #store: RollupStore;
  readonly #lines = new Map<string, Line>();

  constructor(store: RollupStore) {
    this.#store = store;
  }

  open(): void {
    this.#lines.clear();
    for (const record of this.#store.all()) this.#add(record);
  }

  /** Whether this rollup was begun. */
  has(measurement: string, unit: RollupUnit): boolean {
    return this.#lines.has(key(measurement, unit));
  }

  /** Begins a rollup: all of `repairs` is still to be rolled up. */
  begin(measurement: string, unit: RollupUnit, sealed: number, repairs: Ranges): void {
    this.#keep(this.#add({ measurement, unit, sealed, repairs }));
  }

  /**
   * Readings were written in these ranges. Durable when it returns, by one change of the state file for each rollup,
   * however many ranges there are.
   * @throws FieldlineError of the state file
   */
  written(measurement: string, ranges: readonly WrittenRange[]): void {
    for (const unit of ROLLUP_UNITS) {
      const line = this.#lines.get(key(measurement, unit));
      if (line === undefined) continue;
      const repairs: Range[] = [];
      for (const { fromUs, toUs } of ranges) {
        const range = { from: Math.floor(fromUs / 1000), to: Math.floor(toUs / 1000) + 1 };
        const touched = aligned(range, UNIT_MS[unit]);
        const { running } = line;
        if (line.touchedTo !== null) line.touchedTo = Math.max(line.touchedTo, touched.to);
        if (running !== null) running.touched = withRange(running.touched, touched, MAX_REPAIRS);
        repairs.push({ from: touched.from, to: Math.min(touched.to, line.sealed) });
      }
      this.#repair(line, repairs);
    }
  }

  /**
   * Moves the end of the rollup to `sealed`. What came meanwhile is to be rolled up: this range is given back, null
   * where nothing came.
   */
  extend(measurement: string, unit: RollupUnit, sealed: number): Range | null {
    const line = this.#lines.get(key(measurement, unit));
    if (line === undefined || sealed <= line.sealed) return null;
    const range = { from: line.sealed, to: sealed };
    line.sealed = sealed;
    line.touchedTo ??= sealed + AHEAD_MS;
    if (line.touchedTo <= range.from) return null;
    this.#repair(line, [range]);
    return range;
  }

  /** The ranges that are to be rolled up, in order of time. */
  repairs(measurement: string, unit: RollupUnit): Ranges {
    return this.#lines.get(key(measurement, unit))?.repairs ?? [];
  }

  /** The parts of a range in which the rollup does not hold what the raw readings hold. */
  untrusted(measurement: string, unit: RollupUnit, within: Range): Ranges {
    const line = this.#lines.get(key(measurement, unit));
    if (line === undefined) return [within];
    const tail = { from: Math.max(line.sealed, within.from), to: within.to };
    return withRange(clipped(line.repairs, within), tail, Number.POSITIVE_INFINITY);
  }

  /**
   * Lets `work` see to a range. It returns which part of it needs no repair any more; what is written there while it
   * runs does.
   */
  async repair(
    measurement: string,
    unit: RollupUnit,
    range: Range,
    work: () => Promise<Range>,
  ): Promise<void> {
    const line = this.#lines.get(key(measurement, unit));
    if (line === undefined) return;
    const running = { range, touched: [] as Ranges };
    line.running = running;
    let done: Range;
    try {
      done = await work();
    } finally {
      line.running = null;
    }
    // Cleared meanwhile: the rows that were just written are in no record.
    if (this.#lines.get(key(measurement, unit)) !== line) return;
    let left = withoutRange(line.repairs, done);
    for (const again of clipped(running.touched, done)) left = withRange(left, again, MAX_REPAIRS);
    line.repairs = left;
    this.#keep(line);
  }

  /** A range can have no repair: its raw readings are gone. */
  drop(measurement: string, unit: RollupUnit, range: Range): void {
    const line = this.#lines.get(key(measurement, unit));
    if (line === undefined || clipped(line.repairs, range).length === 0) return;
    line.repairs = withoutRange(line.repairs, range);
    this.#keep(line);
  }

  /** Every rollup is to be made anew. */
  clear(): void {
    this.#lines.clear();
    this.#store.clear();
  }

  #add({ measurement, unit, sealed, repairs }: RollupRecord): Line {
    const line = { measurement, unit, sealed, repairs, touchedTo: null, running: null };
    this.#lines.set(key(measurement, unit), line);
    return line;
  }

  #repair(line: Line, ranges: Ranges): void {
    let { repairs } = line;
    for (const range of ranges) repairs = withRange(repairs, range, MAX_REPAIRS);
    if (isSame(repairs, line.repairs)) return;
    line.repairs = repairs;
    this.#keep(line);
  }

  #keep({ measurement, unit, sealed, repairs }: Line): void {
    this.#store.put({ measurement, unit, sealed, repairs });
  }
}

function key(measurement: string, unit: RollupUnit): string {
  return `${unit} ${measurement}`;
}

function isSame(some: Ranges, others: Ranges): boolean {
  return (
    some.length === others.length &&
    some.every(({ from, to }, at) => others[at]?.from === from && others[at]?.to === to)
  );
}
