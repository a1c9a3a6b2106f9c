import { type ChildProcess, fork } from 'node:child_process';
import { basename } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import { FieldlineError } from '../errors.js';
import type { FrozenFile } from '../sinks/duckdb/calls.js';
import type { DuckDbStore } from '../sinks/duckdb/store.js';
import { hubVersion } from '../version.js';
import {
  HISTORY_NAME,
  JOURNAL_NAME,
  type Settings,
  STATE_NAME,
  settingFiles,
  smallFiles,
} from './data-files.js';
import { BACKUP_FORMAT, FORMATS, type Manifest } from './manifest.js';
import type { PackFile } from './pack.js';
import type { FromPacker, ToPacker } from './packer.js';

export interface BackupOptions {
  readonly directory: string;
  readonly settings: Settings;
  readonly state: { freeze(): FrozenFile; thaw(): void };
  readonly journal: {
    hold(): () => void;
    files(): readonly { readonly path: string; readonly sizeBytes: number }[];
    readonly head: number;
    stats(): { readonly trouble: string | null };
  };
  /** Null where the history is in InfluxDB. */
  readonly history: Pick<DuckDbStore, 'freeze' | 'goOn' | 'thaw'> | null;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly now: () => number;
}

/** How often is looked whether the disk can bear it: what is being copied takes space that would come back. */
const CHECK_EVERY_MS = 1_000;

/** Under test the source is TypeScript, which Node 20 cannot run: the build is used. */
const PACKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/backup/packer.js' : './packer.js',
  import.meta.url,
);

/**
 * Makes backups of a hub that runs. Nothing stands still for it: the state and the history go on in their write-ahead
 * logs while their files are copied, and the journal keeps its segments.
 *
 * The parts agree, because the history is frozen before the state and the journal, and those two in one turn: what the
 * history lacks is in the journal (as after a kill), and devices, tokens and commands that readings refer to are known.
 */
export class Backups {
  readonly #options: BackupOptions;
  #packer: ChildProcess | undefined;
  #isRunning = false;
  /** Resolves when the last backup has let go of everything. */
  #ended: Promise<void> = Promise.resolve();

  constructor(options: BackupOptions) {
    this.#options = options;
  }

  /**
   * Begins a backup. The stream is a gzip-compressed tar archive; it is destroyed with an error when the backup fails,
   * and destroying it ends the backup.
   * @param onEnd told once how it ended: null for well
   * @throws FieldlineError `backup_running` 409, `backup_failed` 503
   */
  async start(onEnd: (error: Error | null) => void): Promise<Readable> {
    if (this.#isRunning) {
      const options = { status: 409, retryAfterMs: 10_000 };
      throw new FieldlineError('backup_running', 'Another backup is being made.', options);
    }
    this.#isRunning = true;
    const held = new Held(this.#options);
    try {
      const files = await held.take();
      const output = this.#run(files, held);
      this.#ended = new Promise((resolve) => {
        output.once('close', () => {
          void this.#letGo(held).then(() => {
            onEnd(output.errored ?? (output.readableEnded ? null : new Error('nobody took it to its end')));
            resolve();
          });
        });
      });
      return output;
    } catch (error) {
      await this.#letGo(held);
      if (error instanceof FieldlineError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new FieldlineError('backup_failed', `No backup can be made now: ${reason}.`, {
        status: 503,
        retryAfterMs: 10_000,
      });
    }
  }

  /** Ends a backup that is under way. */
  async close(): Promise<void> {
    this.#packer?.kill('SIGKILL');
    await this.#ended;
  }

  async #letGo(held: Held): Promise<void> {
    try {
      await held.release();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'what a backup held could not be let go');
    } finally {
      this.#isRunning = false;
    }
  }

  /** Packs in a process of its own; see packer.ts. */
  #run(files: readonly PackFile[], held: Held): Readable {
    const { journal, now, history } = this.#options;
    const output = new PassThrough();
    const packer = fork(PACKER_URL, [], {
      execArgv: [],
      env: {},
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.#packer = packer;
    let failure = 'the process that packs it ended';
    const fail = (reason: string) => {
      failure = reason;
      packer.kill('SIGKILL');
    };
    const manifest: Omit<Manifest, 'files'> = {
      format: BACKUP_FORMAT,
      hub: hubVersion(),
      at: new Date(now()).toISOString(),
      formats: FORMATS,
      history: history === null ? 'influx' : 'duckdb',
      journalHead: journal.head,
    };
    packer.on('message', (told: FromPacker) => {
      if ('failed' in told) failure = told.failed;
      else if ('packed' in told) held.packed(told.packed);
      else {
        held.release().then(
          (isIntact) => {
            if (isIntact) tell(packer, { manifest });
            else fail('the history was opened anew meanwhile');
          },
          (error: unknown) => fail(String(error)),
        );
      }
    });
    packer.once('error', (error) => output.destroy(error));
    packer.once('exit', (code) => {
      clearInterval(timer);
      if (code === 0) return;
      // Without waiting for its output, which may wait for a reader; but what it said last tells why.
      const end = () => output.destroy(new Error(`The backup broke off: ${failure}.`));
      if (packer.connected) packer.once('disconnect', end);
      else end();
    });
    // Comes after the last of its output.
    packer.once('close', (code) => {
      if (code === 0) output.end();
    });
    packer.stdout?.pipe(output, { end: false });
    output.once('close', () => {
      packer.kill('SIGKILL');
      packer.stdout?.destroy();
    });
    const timer = setInterval(() => {
      const { trouble } = journal.stats();
      if (trouble !== null) fail(`the journal cannot write (${trouble}), and the backup keeps space from it`);
    }, CHECK_EVERY_MS);
    tell(packer, { files, nowMs: now() });
    return output;
  }
}

function tell(packer: ChildProcess, told: ToPacker): void {
  // A packer that has just ended is told of by its `close`.
  packer.send(told, () => undefined);
}

/** What is kept from changing for a backup. */
class Held {
  readonly #options: BackupOptions;
  #releaseJournal: (() => void) | undefined;
  #isStateFrozen = false;
  #history: Promise<boolean> | 'frozen' | undefined;
  #lastJournalFile = '';

  constructor(options: BackupOptions) {
    this.#options = options;
  }

  /** The files of a consistent backup. */
  async take(): Promise<PackFile[]> {
    const { directory, settings, state, journal, history } = this.#options;
    // First of all: what the history takes from now on could go before it is copied.
    this.#releaseJournal = journal.hold();
    const frozen = await history?.freeze();
    if (frozen !== undefined) this.#history = 'frozen';
    const frozenState = state.freeze();
    this.#isStateFrozen = true;
    // Until here the history took nothing more: what the journal says of it must not be ahead of the copy.
    const segments = journal
      .files()
      .map(({ path, sizeBytes }) => ({ name: `${JOURNAL_NAME}${basename(path)}`, path, sizeBytes }));
    this.#lastJournalFile = segments.at(-1)?.name ?? '';
    history?.goOn();
    return [
      { name: STATE_NAME, ...frozenState },
      ...settingFiles(settings),
      ...smallFiles(directory),
      ...segments,
      ...(frozen === undefined ? [] : [{ name: HISTORY_NAME, ...frozen }]),
    ];
  }

  /** Lets go of what has been copied. */
  packed(name: string): void {
    if (name === STATE_NAME) this.#thawState();
    if (name === this.#lastJournalFile) this.#releaseJournal?.();
  }

  /** Lets go of everything. @returns whether the history stayed as it was */
  async release(): Promise<boolean> {
    this.#thawState();
    this.#releaseJournal?.();
    if (this.#history === 'frozen') this.#history = this.#options.history?.thaw();
    return (await this.#history) ?? true;
  }

  #thawState(): void {
    if (this.#isStateFrozen) this.#options.state.thaw();
    this.#isStateFrozen = false;
  }
}
