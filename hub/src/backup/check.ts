import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SegmentJournal } from '@fieldline/journal';
import { Instance } from '../sinks/duckdb/instance.js';
import { Tables } from '../sinks/duckdb/tables.js';
import { integer, text } from '../state/column.js';
import { StateFile } from '../state/state-file.js';
import { HISTORY_NAME, JOURNAL_NAME, STATE_NAME } from './data-files.js';
import { damaged, type Manifest } from './manifest.js';

/** What a backup holds. */
export interface Contents {
  readonly devices: number;
  readonly commands: number;
  readonly users: number;
  /** Values in the history; null where it is in InfluxDB. */
  readonly values: number | null;
  /** Readings that the history of the backup lacks, and that are in its journal. */
  readonly pending: number;
}

const READ_AT_ONCE = 10_000;
const MEMORY = '128MB';

/**
 * Proves that an unpacked backup can be started from: every store opens and is whole, and they agree. Opens the stores
 * as a hub would, so the copy is brought to this hub's formats.
 * @throws FieldlineError `backup_damaged` naming the file, and what the stores say of themselves
 */
export async function checkContents(directory: string, manifest: Manifest): Promise<Contents> {
  const counts = checkState(join(directory, STATE_NAME));
  const path = join(directory, HISTORY_NAME);
  const history = existsSync(path) ? await checkHistory(path) : null;
  if (history === null && manifest.history === 'duckdb') throw damaged(`${HISTORY_NAME} is missing`);
  const journal = await openJournal(join(directory, JOURNAL_NAME));
  try {
    if (manifest.journalHead !== null && journal.head !== manifest.journalHead) {
      throw damaged(`${JOURNAL_NAME} ends at ${journal.head} instead of ${manifest.journalHead}`);
    }
    const cursor = manifest.history === 'duckdb' ? (history?.cursors.get(journal.id) ?? 0) : journal.head;
    if (cursor > journal.head) throw damaged(`${HISTORY_NAME} is ahead of ${JOURNAL_NAME}`);
    await readThrough(journal, history === null ? null : cursor);
    return { ...counts, values: history?.values ?? null, pending: journal.head - cursor };
  } finally {
    await journal.close();
  }
}

function checkState(path: string): Pick<Contents, 'devices' | 'commands' | 'users'> {
  if (!existsSync(path)) throw damaged(`${STATE_NAME} is missing`);
  const state = StateFile.open(path);
  try {
    // The open has looked at the pages; this compares indices with their tables, too.
    const found = state.select({ finding: text('integrity_check') }, 'FROM pragma_integrity_check(1)').get();
    if (found?.finding !== 'ok') throw damaged(`${STATE_NAME}: ${found?.finding}`);
    const count = (table: string) =>
      state.select({ count: integer('count(*)') }, `FROM ${table}`).get()?.count ?? 0;
    return { devices: count('devices'), commands: count('commands'), users: count('users') };
  } finally {
    state.close();
  }
}

async function openJournal(directory: string): Promise<SegmentJournal> {
  const journal = await SegmentJournal.open(directory);
  const { damaged: broken, tornBytes } = journal.stats();
  if (broken === 0 && tornBytes === 0) return journal;
  await journal.close();
  throw damaged(`${JOURNAL_NAME} has ${broken} damaged batches and ${tornBytes} bytes that are cut off`);
}

/** Reads every batch. @param cursor what the history has; what comes next must be there */
async function readThrough(journal: SegmentJournal, cursor: number | null): Promise<void> {
  let after = 0;
  while (after < journal.head) {
    const entries = await journal.read(after, READ_AT_ONCE);
    const [first] = entries;
    const last = entries.at(-1);
    if (first === undefined || last === undefined) break;
    if (cursor !== null && cursor >= after && cursor < journal.head && first.first > cursor + 1) {
      throw damaged(`${JOURNAL_NAME} begins at ${first.first}, and ${HISTORY_NAME} ends at ${cursor}`);
    }
    after = last.last;
  }
  const { damaged: broken } = journal.stats();
  if (broken > 0) throw damaged(`${JOURNAL_NAME} has ${broken} damaged batches`);
}

async function checkHistory(path: string): Promise<{ values: number; cursors: ReadonlyMap<string, number> }> {
  let instance: Instance | undefined;
  try {
    instance = await Instance.open(path, MEMORY);
    const connection = await instance.connect();
    const tables = await Tables.open(connection);
    let values = 0;
    for (const content of ['points', 'texts'] as const) {
      for (const { name } of [...tables.hot(content), ...tables.days(content)]) {
        // A checksum is read with each block; `min` of a column makes sure that its blocks are read at all.
        const counted = await connection.runAndReadAll(
          `select count(*), min(series), min(ts), min(value) from ${name}`,
        );
        values += Number(counted.getRows()[0]?.[0]);
      }
    }
    const found = await connection.runAndReadAll('select journal, pos from cursor');
    return {
      values,
      cursors: new Map(found.getRows().map(([journal, pos]) => [String(journal), Number(pos)])),
    };
  } catch (error) {
    throw damaged(`${HISTORY_NAME}: ${error instanceof Error ? error.message : error}`, error);
  } finally {
    await instance?.close();
  }
}
