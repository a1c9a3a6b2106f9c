import { statSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type {
  BucketColumns,
  BucketsQuery,
  CompactionReport,
  FrozenFile,
  HistoryFileOptions,
  Notice,
  RowColumns,
  RowsQuery,
  SeriesRow,
  WritePart,
} from './calls.js';
import { compactTable, dropOldDays } from './compaction.js';
import { dayToSort, dropUnfinished, sortDay } from './day-sorting.js';
import { failureOf, HistoryFailure } from './failure.js';
import { INTERRUPT_EVERY_MS, Instance } from './instance.js';
import { ensureFile } from './new-file.js';
import { Reader } from './reading.js';
import { SeriesIndex } from './series.js';
import { Slots } from './slots.js';
import { CONTENTS, Tables } from './tables.js';
import { Writer } from './writer.js';

/** Queries and compactions that run at a time, beside the writer. */
const SLOTS = 2;
/** How long sorting rests after it failed. */
const COMPACTION_REST_MS = 60_000;
/** A query is planned anew so often when sorting took a table away from under it. */
const QUERY_TRIES = 4;

/** Settings that keep DuckDB from a checkpoint after a commit, and what they are set to. */
const NO_CHECKPOINTS = [
  ['checkpoint_threshold', "'1000TB'"],
  ['auto_checkpoint_skip_wal_threshold', '1000000000000000'],
] as const;

/** A file that has to stay as it is; null until it does. */
interface Frozen {
  opened: Opened | null;
}

/** What belongs to one opening of the file, and is worth nothing after a failed write. */
interface Opened {
  readonly instance: Instance;
  readonly tables: Tables;
  readonly series: SeriesIndex;
  readonly writer: Writer;
  readonly compacting: DuckDBConnection;
  /** Idle connections for queries. */
  readonly idle: DuckDBConnection[];
}

/**
 * The history file with all that is done to it: one writer, sorting beside it, a few readers. After a write
 * that failed (a full disk makes DuckDB give its instance up) the file is closed, and opened again by whoever
 * needs it next; its cursor says where to go on.
 */
export class Database {
  readonly #options: HistoryFileOptions;
  readonly #notify: (notice: Notice) => void;
  readonly #slots = new Slots(SLOTS);
  #opened: Promise<Opened> | undefined;
  #closing: Promise<void> = Promise.resolve();
  #writing: Promise<unknown> = Promise.resolve();
  #compaction: Promise<CompactionReport> | undefined;
  #moving: Promise<unknown> = Promise.resolve();
  #restUntilMs = 0;
  /** Set while the file has to stay as it is; nothing is sorted meanwhile. */
  #frozen: Frozen | undefined;
  #journal: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: HistoryFileOptions, notify: (notice: Notice) => void) {
    this.#options = options;
    this.#notify = notify;
  }

  /** Opens the file, or makes it. Resolves with the series that it holds. */
  async open(): Promise<readonly SeriesRow[]> {
    const { series } = await this.#open();
    this.#timer = setInterval(() => this.#compactInBackground(false), this.#options.compactEveryMs);
    return [...series.all()];
  }

  /** Which journal the file follows from now on, and how far it got: see {@link Writer.cursor}. */
  cursor(journal: string, head: number): Promise<number | null> {
    return this.#exclusively(async ({ writer }) => {
      const position = await writer.cursor(journal, head);
      this.#journal = journal;
      return position;
    });
  }

  /** Resolves once the readings are committed, with the series that are new. */
  async write(parts: readonly WritePart[], last: number): Promise<readonly SeriesRow[]> {
    const journal = this.#journal;
    if (journal === undefined) throw new HistoryFailure('internal', 'no journal was named before the write');
    const added = await this.#exclusively(async ({ writer }) => {
      const rows = await writer.write(journal, parts, last);
      writer.seal(true);
      return rows;
    });
    this.#compactInBackground(true);
    return added;
  }

  buckets(query: BucketsQuery): Promise<BucketColumns> {
    return this.#query((reader) => reader.buckets(query));
  }

  rows(query: RowsQuery): Promise<RowColumns> {
    return this.#query((reader) => reader.rows(query));
  }

  /**
   * Sorts what is full (or all, when not `onlyFull`) into its days, a table at a time, and drops days that
   * are too old. One at a time: a second call waits for the first one.
   */
  async compact(onlyFull: boolean): Promise<CompactionReport> {
    while (this.#compaction !== undefined) await this.#compaction.catch(() => undefined);
    if (this.#frozen !== undefined) throw new HistoryFailure('busy', 'the file is being copied');
    this.#compaction = this.#compact(onlyFull);
    try {
      return await this.#compaction;
    } finally {
      this.#compaction = undefined;
    }
  }

  /**
   * Moves everything that was committed into the file, and lets nothing more come into what is there: commits go to the
   * write-ahead log, whatever its size, or behind the end of the file. DuckDB rewrites what it has written, and the
   * head of the file that refers to it, at checkpoints only.
   */
  async freeze(): Promise<FrozenFile> {
    if (this.#frozen !== undefined) throw new HistoryFailure('busy', 'the file is being copied already');
    const frozen: Frozen = { opened: null };
    this.#frozen = frozen;
    try {
      // A sorting that runs ends first; none begins.
      await this.#compaction?.catch(() => undefined);
      return await this.#exclusively(async (opened) => {
        for (const [setting, value] of NO_CHECKPOINTS)
          await opened.compacting.run(`set ${setting} = ${value}`);
        await opened.compacting.run('checkpoint');
        frozen.opened = opened;
        const { path } = this.#options;
        return { path, sizeBytes: statSync(path).size };
      });
    } catch (error) {
      this.#frozen = undefined;
      throw error;
    }
  }

  /** Ends `freeze`. False when the file was closed meanwhile, and so has changed. */
  async thaw(): Promise<boolean> {
    const frozen = this.#frozen;
    if (frozen === undefined) return false;
    try {
      return await this.#exclusively(async (opened) => {
        if (opened !== frozen.opened) return false;
        for (const [setting] of NO_CHECKPOINTS) await opened.compacting.run(`reset ${setting}`);
        return true;
      });
    } finally {
      this.#frozen = undefined;
    }
  }

  /** Ends what runs, and closes the file. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closed = true;
    await this.#writing.catch(() => undefined);
    const opened = await this.#opened?.catch(() => undefined);
    if (opened !== undefined) await this.#discard(opened);
    await this.#closing;
  }

  async #compact(onlyFull: boolean): Promise<CompactionReport> {
    const { retentionDays } = this.#options;
    if (!onlyFull) await this.#exclusively(async ({ writer }) => writer.seal(false));
    let moved = 0;
    for (const content of CONTENTS) {
      const { writer } = await this.#open();
      for (const hot of writer.sealed(content)) {
        moved += await this.#move(async (opened) => {
          // After the file was opened anew the writer may have gone back to this table.
          if (!opened.writer.sealed(content).includes(hot)) return 0;
          const { instance, compacting, tables } = opened;
          const giveMemoryBack = () => instance.giveMemoryBack(compacting);
          const rows = await compactTable(compacting, tables, hot, content, giveMemoryBack);
          await giveMemoryBack();
          return rows;
        });
      }
    }
    const droppedDays = await this.#move(({ compacting, tables }) =>
      dropOldDays(compacting, tables, retentionDays, Date.now()),
    );
    const sortedDays = onlyFull ? 0 : await this.#sortDays();
    return { moved, sortedDays, droppedDays };
  }

  /** Sorts one day of each content, if there is one that needs it: what is hot must not wait for many. */
  async #sortDays(): Promise<number> {
    let sorted = 0;
    for (const content of CONTENTS) {
      const day = await this.#slot(({ compacting, tables }) =>
        dayToSort(compacting, tables.days(content), Date.now()),
      );
      if (day === undefined) continue;
      await sortDay(day, (work) =>
        this.#move(async ({ instance, compacting }) => {
          const done = await work(compacting);
          await instance.giveMemoryBack(compacting);
          return done;
        }),
      );
      sorted++;
    }
    return sorted;
  }

  /** Runs work that takes tables away; a query that missed one waits for its end. */
  #move<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    return this.#slot((opened) => {
      const moving = work(opened);
      this.#moving = moving;
      return moving;
    });
  }

  #compactInBackground(onlyFull: boolean): void {
    if (
      this.#compaction !== undefined ||
      this.#frozen !== undefined ||
      this.#closed ||
      performance.now() < this.#restUntilMs
    )
      return;
    this.compact(onlyFull).then(
      (report) => {
        if (report.moved + report.sortedDays + report.droppedDays === 0) return;
        this.#notify({ notice: 'compacted', message: 'readings were sorted into their days', report });
      },
      (error: unknown) => {
        if (this.#closed) return;
        this.#restUntilMs = performance.now() + COMPACTION_REST_MS;
        this.#notify({ notice: 'compaction_failed', message: failureOf(error).message, report: null });
      },
    );
  }

  async #query<T>(ask: (reader: Reader) => Promise<T>): Promise<T> {
    const { queryTimeoutMs } = this.#options;
    const deadlineMs = performance.now() + queryTimeoutMs;
    return this.#slot(async (opened) => {
      const connection = opened.idle.pop() ?? (await opened.instance.connect());
      let timedOut = performance.now() >= deadlineMs;
      let timer: NodeJS.Timeout;
      const interrupt = () => {
        timedOut = true;
        connection.interrupt();
        timer = setTimeout(interrupt, INTERRUPT_EVERY_MS);
      };
      timer = setTimeout(interrupt, deadlineMs - performance.now());
      try {
        if (timedOut) throw new HistoryFailure('timeout', 'it waited too long for other queries');
        return await this.#replanned(() => ask(new Reader(connection, opened.tables, opened.series)));
      } catch (error) {
        if (timedOut)
          throw new HistoryFailure('timeout', `no answer within ${queryTimeoutMs} ms`, { cause: error });
        throw error;
      } finally {
        clearTimeout(timer);
        opened.idle.push(connection);
      }
    });
  }

  /** Sorting may drop a table between the planning of a query and its start: then it is planned again. */
  async #replanned<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (tries === QUERY_TRIES || !/does not exist/.test(failureOf(error).message)) throw error;
        await this.#moving.catch(() => undefined);
      }
    }
  }

  /** Runs `work` in one of the slots, on the open file. */
  #slot<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    return this.#slots.run(async () => {
      const opened = await this.#open();
      try {
        return await opened.instance.during(work(opened));
      } catch (error) {
        if (/invalidated/.test(failureOf(error).message)) await this.#discard(opened);
        throw error;
      }
    });
  }

  /** Runs `work` while nothing else writes. After an error the file is opened anew. */
  #exclusively<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    const done = this.#writing.then(async () => {
      const opened = await this.#open();
      try {
        return await work(opened);
      } catch (error) {
        await this.#discard(opened);
        throw error;
      }
    });
    this.#writing = done.catch(() => undefined);
    return done;
  }

  #open(): Promise<Opened> {
    if (this.#closed) return Promise.reject(new HistoryFailure('internal', 'the history is closed'));
    if (this.#opened === undefined) {
      const opening = this.#closing.then(() => this.#openFile());
      this.#opened = opening;
      opening.catch(() => {
        if (this.#opened === opening) this.#opened = undefined;
      });
    }
    return this.#opened;
  }

  async #openFile(): Promise<Opened> {
    const { path, memory, hotPoints, retentionDays } = this.#options;
    await ensureFile(path, memory);
    const instance = await Instance.open(path, memory);
    try {
      const writing = await instance.connect();
      const compacting = await instance.connect();
      await dropUnfinished(writing);
      const tables = await Tables.open(writing);
      await dropOldDays(compacting, tables, retentionDays, Date.now());
      const series = await loadSeries(writing);
      const writer = new Writer(writing, tables, series, hotPoints);
      await writer.open();
      // In an earlier opening of this process the cursor was found to belong to the journal.
      if (this.#journal !== undefined) await writer.cursor(this.#journal, Number.POSITIVE_INFINITY);
      return { instance, tables, series, writer, compacting, idle: [] };
    } catch (error) {
      await instance.close();
      throw error;
    }
  }

  /** Closes an opening, unless somebody else has done so; the next one waits for it. */
  async #discard(opened: Opened): Promise<void> {
    const current = await this.#opened?.catch(() => undefined);
    if (current === opened) {
      this.#opened = undefined;
      this.#closing = closeQuietly(opened);
    }
    await this.#closing;
  }
}

async function loadSeries(connection: DuckDBConnection): Promise<SeriesIndex> {
  const index = new SeriesIndex();
  const found = await connection.runAndReadAll('select id, device, metric, kind from series order by id');
  for (const [id, device, metric, kind] of found.getRows()) {
    if (kind !== 'number' && kind !== 'boolean' && kind !== 'string') continue;
    index.add({ id: Number(id), device: String(device), metric: String(metric), kind });
  }
  return index;
}

/** An instance that DuckDB gave up may report its error once more: what it still held is in the journal. */
async function closeQuietly({ instance, writer }: Opened): Promise<void> {
  await Promise.allSettled([Promise.resolve().then(() => writer.close())]);
  await Promise.allSettled([instance.close()]);
}
