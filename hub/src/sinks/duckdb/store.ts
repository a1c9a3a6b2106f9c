import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FieldlineError } from '../../errors.js';
import type { PumpLog } from '../pump.js';
import type {
  BucketColumns,
  BucketsQuery,
  CallName,
  Calls,
  CompactionReport,
  FrozenFile,
  HistoryFileOptions,
  Notice,
  Reply,
  RowColumns,
  RowsQuery,
  SeriesRow,
  WritePart,
} from './calls.js';
import { HistoryFailure } from './failure.js';
import { SeriesIndex } from './series.js';
import { startError } from './start-error.js';
import { WriteBlock } from './write-block.js';

export interface DuckDbStoreOptions {
  /** The file, `<data>/history.duckdb`. */
  readonly path: string;
  /** DuckDB's memory limit, such as `256MB`. */
  readonly memory: string;
  /** Days of history to keep; 0 keeps all. */
  readonly retentionDays: number;
  readonly log: PumpLog;
  /** Points in arrival order before they are sorted into their days: 1,000,000. */
  readonly hotPoints?: number;
  /** How often they are sorted although they are fewer: 15 min. */
  readonly compactEveryMs?: number;
  /** How long a query may take: 10 s. */
  readonly queryTimeoutMs?: number;
  readonly startWorker?: () => Worker;
}

const HOT_POINTS = 1_000_000;
const COMPACT_EVERY_MS = 15 * 60_000;
const QUERY_TIMEOUT_MS = 10_000;

/** Under test the source is TypeScript, which Node 20 cannot run in a worker: the build is used. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/sinks/duckdb/worker.js' : './worker.js',
  import.meta.url,
);

/** Files that are open in this process. DuckDB's own lock holds off other processes only. */
const openPaths = new Set<string>();

interface Pending {
  readonly resolve: (output: never) => void;
  readonly reject: (error: HistoryFailure) => void;
}

/**
 * The embedded history: a DuckDB file that a worker thread owns. The sink writes into it and the history
 * reads from it. A worker that died is replaced at the next call.
 */
export class DuckDbStore {
  readonly #options: HistoryFileOptions;
  readonly #log: PumpLog;
  readonly #startWorker: () => Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #block = new WriteBlock();
  #series = new SeriesIndex();
  #journal: string | undefined;
  #worker: Promise<Worker> | undefined;
  #writable: Promise<void> = Promise.resolve();
  #goOn: () => void = () => undefined;
  #lastId = 0;
  #open = false;

  constructor(options: DuckDbStoreOptions) {
    this.#log = options.log;
    this.#startWorker = options.startWorker ?? startWorker;
    this.#options = {
      path: resolve(options.path),
      memory: options.memory,
      retentionDays: options.retentionDays,
      hotPoints: options.hotPoints ?? HOT_POINTS,
      compactEveryMs: options.compactEveryMs ?? COMPACT_EVERY_MS,
      queryTimeoutMs: options.queryTimeoutMs ?? QUERY_TIMEOUT_MS,
    };
  }

  /**
   * Starts the worker and opens the file. A full disk is no reason not to start: it is tried again with the
   * first call.
   * @throws FieldlineError `history_damaged`, `history_locked`, `history_unreadable`, each saying what to do
   */
  async open(): Promise<void> {
    const { path } = this.#options;
    if (openPaths.has(path))
      throw new FieldlineError('history_locked', `This process has ${path} open already.`);
    openPaths.add(path);
    this.#open = true;
    try {
      await this.#running();
    } catch (error) {
      const failure = error instanceof HistoryFailure ? error : new HistoryFailure('internal', String(error));
      const told = startError(failure, path);
      if (told === undefined) {
        this.#log.warn({ path, err: error }, 'the history cannot be opened yet');
        return;
      }
      this.#open = false;
      openPaths.delete(path);
      throw told;
    }
  }

  /**
   * How far the file got in this journal, at most to `head`, where it was when it was opened; null when the file has
   * not followed it.
   */
  async cursor(journal: string, head: number): Promise<number | null> {
    const position = await this.#call('cursor', { journal, head });
    this.#journal = journal;
    return position;
  }

  /** Resolves once the parts are committed together with the cursor `last`. */
  async write(parts: readonly WritePart[], last: number): Promise<void> {
    await this.#writable;
    const worker = await this.#openWorker();
    const sent = this.#block.take(parts);
    const { added, block } = await this.#ask(worker, 'write', { ...sent, last }, [sent.block]);
    this.#block.give(block);
    for (const row of added) this.#series.add(row);
  }

  buckets(query: BucketsQuery): Promise<BucketColumns> {
    return this.#call('buckets', query);
  }

  rows(query: RowsQuery): Promise<RowColumns> {
    return this.#call('rows', query);
  }

  /** Sorts everything into its days now, and drops what is too old. Otherwise this happens by itself. */
  compact(): Promise<CompactionReport> {
    return this.#call('compact', null);
  }

  /**
   * Keeps the file as it is, with everything that was written so far, until `thaw`: another process can copy it. Writes
   * wait until `goOn`; then they go on beside it, in the write-ahead log. Sorting waits until `thaw`.
   */
  async freeze(): Promise<FrozenFile> {
    this.#writable = new Promise((resolve) => {
      this.#goOn = resolve;
    });
    try {
      return await this.#call('freeze', null);
    } catch (error) {
      this.goOn();
      throw error;
    }
  }

  /** Lets writes go on during `freeze`. */
  goOn(): void {
    this.#goOn();
  }

  /** Lets the file change again. @returns whether it did not change since `freeze`; if it did, copies are worthless */
  thaw(): Promise<boolean> {
    this.goOn();
    return this.#call('thaw', null);
  }

  /** The series of a metric, or of all metrics of a device. */
  seriesOf(device: string, metric?: string): readonly SeriesRow[] {
    return this.#series.of(device, metric);
  }

  /** The series of that number. */
  series(id: number): SeriesRow | undefined {
    return this.#series.get(id);
  }

  /** Devices of which anything was ever stored. */
  devices(): Iterable<string> {
    return this.#series.devices();
  }

  /** Bytes of the file and its write-ahead log. */
  bytes(): number {
    const { path } = this.#options;
    const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    return sizeOf(path) + sizeOf(`${path}.wal`);
  }

  /** Closes the file. Calls that are under way fail. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.goOn();
    const worker = await this.#worker?.catch(() => undefined);
    if (worker !== undefined) {
      await this.#ask(worker, 'close', null).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'the history did not close cleanly');
      });
      // Safe only now that nothing runs in it: see worker.ts.
      await worker.terminate();
    }
    openPaths.delete(this.#options.path);
  }

  async #call<Name extends CallName>(
    name: Name,
    input: Calls[Name]['input'],
  ): Promise<Calls[Name]['output']> {
    return this.#ask(await this.#openWorker(), name, input);
  }

  async #openWorker(): Promise<Worker> {
    if (!this.#open) throw new HistoryFailure('internal', 'the history is closed');
    return this.#running();
  }

  /** The worker with its file open; a new one when there is none. */
  #running(): Promise<Worker> {
    if (this.#worker === undefined) {
      const starting = this.#start();
      this.#worker = starting;
      starting.catch(() => {
        if (this.#worker === starting) this.#worker = undefined;
      });
    }
    return this.#worker;
  }

  async #start(): Promise<Worker> {
    const worker = this.#startWorker();
    worker.on('message', (message: Reply | Notice) => this.#received(message));
    worker.on('error', (error) => this.#log.error({ err: error }, 'the history worker failed'));
    let ended = false;
    worker.on('exit', () => {
      ended = true;
      this.#worker = undefined;
      this.#failPending('the history worker ended');
    });
    try {
      const { series } = await this.#ask(worker, 'open', this.#options);
      this.#series = new SeriesIndex();
      for (const row of series) this.#series.add(row);
      if (this.#journal !== undefined) {
        await this.#ask(worker, 'cursor', { journal: this.#journal, head: Number.POSITIVE_INFINITY });
      }
      return worker;
    } catch (error) {
      if (!ended) await this.#ask(worker, 'close', null).catch(() => undefined);
      await worker.terminate();
      throw error;
    }
  }

  #ask<Name extends CallName>(
    worker: Worker,
    name: Name,
    input: Calls[Name]['input'],
    transfer: ArrayBuffer[] = [],
  ): Promise<Calls[Name]['output']> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ id, name, input }, transfer);
    });
  }

  #received(message: Reply | Notice): void {
    if ('notice' in message) {
      const { notice, report } = message;
      if (notice === 'compacted') this.#log.info({ ...report }, message.message);
      else this.#log.error({ notice, reason: message.message }, 'the history worker met an error');
      if (notice === 'failed') this.#failPending(message.message);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('output' in message) pending?.resolve(message.output as never);
    else pending?.reject(new HistoryFailure(message.failure.kind, message.failure.message));
  }

  #failPending(message: string): void {
    for (const { reject } of this.#pending.values()) reject(new HistoryFailure('internal', message));
    this.#pending.clear();
  }
}

/** What the thread keeps in JavaScript is one write at a time; left alone, its heap would grow far beyond. */
const WORKER_HEAP = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

/** Starts the thread. Flags of this process, such as import conditions, are not for it. */
export function startWorker(): Worker {
  return new Worker(WORKER_URL, { name: 'duckdb', execArgv: [], resourceLimits: WORKER_HEAP });
}
