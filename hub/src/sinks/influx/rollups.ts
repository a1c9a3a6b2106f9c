import type { FastifyBaseLogger } from 'fastify';
import type { InfluxClient } from './client.js';
import type { Field, Fields } from './fields.js';
import { InfluxError, isGone } from './influx-error.js';
import type { Range } from './ranges.js';
import type { RollupLedger } from './rollup-ledger.js';
import {
  countTrue,
  lastPoint,
  type RollupSource,
  rawCounts,
  rollUp,
  rollUpMinutes,
  rollupCounts,
  summedMinutes,
} from './rollup-statements.js';
import { ROLLUP_UNITS, type RollupUnit, UNIT_MS } from './rollup-unit.js';

export interface RollupsOptions {
  readonly client: InfluxClient;
  readonly ledger: RollupLedger;
  readonly fields: Pick<Fields, 'ofMeasurement'>;
  readonly measurements: () => Iterable<string>;
  /** Called before each pass. */
  readonly prepare: () => Promise<void>;
  /** Called when the database, or a policy in it, is gone. */
  readonly restore: () => Promise<unknown>;
  /** The retention policies with raw readings of a measurement. */
  readonly policiesOf: (measurement: string) => readonly string[];
  /** Raw readings before it may be gone; ms since 1970. */
  readonly rawSince: (measurement: string) => number;
  /** Rows of minutes before it may be gone. */
  readonly minutesSince: () => number;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
  readonly now: () => number;
  /** How often it looks for something to do. */
  readonly tickMs?: number;
}

const TICK_MS = 30_000;
/** How long after its end a row is rolled up: what arrives later costs a repair. */
const SLACK_MS = 90_000;
/** A day of a large measurement is more work than a page of history. */
const TIMEOUT_MS = 60_000;
/** How much raw time one statement reads, at first and at the most. */
const SLICE_MS = { least: 60_000, first: 3_600_000, most: 32 * 86_400_000 } as const;
/** A slice that was done faster may be larger the next time. */
const QUICK_MS = 500;
/** One that took longer holds up what else InfluxDB has to do. */
const SLOW_MS = 3_000;
const LAST_MS = 8_640_000_000_000;

/**
 * Rolls up in the background what the continuous queries cannot: readings that came late, those from before there were
 * rollups, and those of a time at which InfluxDB was not there to run them. It also looks at every finished minute and
 * hour once, whether the continuous query has seen all that came.
 */
export class Rollups {
  readonly #options: RollupsOptions;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #passing: Promise<void> = Promise.resolve();
  #sliceMs: number = SLICE_MS.first;
  #error: unknown;
  #isPassing = false;

  constructor(options: RollupsOptions) {
    this.#options = options;
  }

  /** Begins to work. */
  start(): void {
    if (this.#timer !== undefined || this.#stop.signal.aborted) return;
    this.#timer = setInterval(() => {
      if (!this.#isPassing) void this.pass();
    }, this.#options.tickMs ?? TICK_MS);
    this.#timer.unref();
    void this.pass();
  }

  /** Does all that is due now. Resolves when it is done, or has to wait for the next time. Never rejects. */
  pass(): Promise<void> {
    this.#passing = this.#passing.then(async () => {
      this.#isPassing = true;
      await this.#pass();
      this.#isPassing = false;
    });
    return this.#passing;
  }

  /** Ends it; what is under way is done again at the next start. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort(new InfluxError('network', 'the hub stops'));
    await this.#passing;
  }

  async #pass(): Promise<void> {
    let failure: unknown;
    try {
      await this.#options.prepare();
      for (const measurement of [...this.#options.measurements()]) {
        for (const unit of ROLLUP_UNITS) {
          if (this.#stop.signal.aborted) return;
          try {
            await this.#advance(measurement, unit);
          } catch (error) {
            // One measurement that is too much for InfluxDB does not keep the others from theirs.
            failure ??= error;
            if (error instanceof InfluxError && error.kind === 'network') throw error;
          }
        }
      }
    } catch (error) {
      failure ??= error;
    }
    if (this.#stop.signal.aborted) return;
    this.#tell(failure);
    // Whether it could be made again, the next pass will find.
    if (isGone(failure)) await this.#options.restore().catch(() => undefined);
  }

  #tell(failure: unknown): void {
    const { log } = this.#options;
    if (failure === undefined && this.#error !== undefined) log.info('rollups are made again');
    const message = failure instanceof Error ? failure.message : failure;
    if (message !== undefined && message !== this.#error) {
      log.warn({ err: failure }, 'rollups cannot be made now');
    }
    this.#error = message;
  }

  async #advance(measurement: string, unit: RollupUnit): Promise<void> {
    const { client, ledger, now, policiesOf } = this.#options;
    const policies = policiesOf(measurement);
    const source = { database: client.target.database, measurement, policies, unit };
    const unitMs = UNIT_MS[unit];
    const sealed = Math.floor((now() - SLACK_MS) / unitMs) * unitMs;
    if (ledger.has(measurement, unit)) {
      const since = ledger.extend(measurement, unit, sealed);
      if (since !== null && unit === '1m') await this.#trust(source, since);
    } else {
      const last = await this.#lastIn(source, { from: 0, to: LAST_MS });
      // Nothing of this measurement yet: a look at each pass costs less than a record of nothing.
      if (last === null) return;
      // From the very beginning: meanwhile something older may have been written.
      ledger.begin(measurement, unit, sealed, [{ from: 0, to: sealed }]);
    }
    await this.#repairAll(source);
  }

  async #repairAll(source: RollupSource): Promise<void> {
    const { ledger, rawSince } = this.#options;
    const { measurement, unit } = source;
    const unitMs = UNIT_MS[unit];
    while (!this.#stop.signal.aborted) {
      // What is half gone would replace rows that are whole.
      const gone = Math.ceil((rawSince(measurement) + SLACK_MS) / unitMs) * unitMs;
      ledger.drop(measurement, unit, { from: 0, to: gone });
      // The newest first: that is what people look at.
      const range = ledger.repairs(measurement, unit).at(-1);
      if (range === undefined) return;
      const sliceMs = Math.max(unitMs, Math.floor(this.#sliceMs / unitMs) * unitMs);
      if (range.to - range.from > sliceMs) {
        // A range of years may hold a minute of readings.
        await ledger.repair(measurement, unit, range, async () => {
          const last = await this.#lastIn(source, range);
          const end = last === null ? range.from : Math.floor(last / unitMs) * unitMs + unitMs;
          return { from: end, to: range.to };
        });
      }
      const rest = ledger.repairs(measurement, unit).at(-1);
      if (rest === undefined) return;
      await this.#slice(source, { from: Math.max(rest.from, rest.to - sliceMs), to: rest.to });
    }
  }

  /**
   * Takes over what the continuous query made of a range, if it has seen every value: to count costs a sixth of making
   * the rows again. Not after late readings: they may have replaced values, which no count shows.
   */
  async #trust(source: RollupSource, range: Range): Promise<void> {
    const { client, ledger, fields } = this.#options;
    const { measurement, unit } = source;
    const all = fields.ofMeasurement(measurement);
    if (all.length === 0) return;
    await ledger.repair(measurement, unit, range, async () => {
      const untouched = { from: range.from, to: range.from };
      const [rolledUp = []] = await this.#counts(rollupCounts(source, range, all));
      if (rolledUp.every((count) => count === 0)) return untouched;
      const [there = []] = await this.#counts(rawCounts(source, range, all));
      if (there.some((count, at) => count !== rolledUp[at])) return untouched;
      const statements = countTrue(source, range, all);
      if (statements.length > 0) await client.query(statements, this.#bounds());
      return range;
    });
  }

  async #slice(source: RollupSource, range: Range): Promise<void> {
    const { client, ledger, fields } = this.#options;
    const { measurement, unit } = source;
    const all = fields.ofMeasurement(measurement);
    const began = performance.now();
    try {
      await ledger.repair(measurement, unit, range, async () => {
        const isOfMinutes = this.#hasMinutes(source, range) && (await this.#hasSums(source, range, all));
        const statements = isOfMinutes ? rollUpMinutes(source, range, all) : rollUp(source, range, all);
        await client.query(statements, this.#bounds());
        return range;
      });
      if (performance.now() - began < QUICK_MS) {
        this.#sliceMs = Math.min(SLICE_MS.most, 2 * this.#sliceMs);
      } else if (performance.now() - began > SLOW_MS) {
        this.#sliceMs = Math.max(SLICE_MS.least, this.#sliceMs / 2);
      }
    } catch (error) {
      const isTooMuch = error instanceof InfluxError && error.kind === 'timeout';
      if (isTooMuch) this.#sliceMs = Math.max(SLICE_MS.least, this.#sliceMs / 4);
      throw error;
    }
  }

  /** Whether the minutes of a range are whole, for hours to be made of them. */
  #hasMinutes({ measurement, unit }: RollupSource, range: Range): boolean {
    const { ledger, minutesSince } = this.#options;
    return (
      unit === '1h' && minutesSince() <= range.from && ledger.untrusted(measurement, '1m', range).length === 0
    );
  }

  /** Whether no sum of a minute was too large to be there: a sum of the others would look like one of all. */
  async #hasSums(source: RollupSource, range: Range, fields: readonly Field[]): Promise<boolean> {
    if (fields.length === 0) return false;
    if (!fields.some(({ type }) => type === 'float' || type === 'integer')) return true;
    const [counts = []] = await this.#counts(summedMinutes(source, range, fields));
    const half = counts.length / 2;
    return counts.slice(0, half).every((count, at) => count === counts[half + at]);
  }

  /** The numbers of each row of an answer, without its time. */
  async #counts(statement: string): Promise<number[][]> {
    const [series = []] = await this.#options.client.query(statement, this.#bounds());
    return series.flatMap(({ values }) => values.map((row) => row.slice(1).map((cell) => Number(cell ?? 0))));
  }

  /** The time of the last raw point in a range, ms since 1970. */
  async #lastIn(source: RollupSource, range: Range): Promise<number | null> {
    const [series = []] = await this.#options.client.query(lastPoint(source, range), this.#bounds());
    const timeUs = series[0]?.values[0]?.[0];
    return typeof timeUs === 'number' ? Math.floor(timeUs / 1000) : null;
  }

  #bounds() {
    const timeoutMs = Math.max(TIMEOUT_MS, this.#options.client.target.timeoutMs);
    return { timeoutMs, signal: this.#stop.signal };
  }
}
