import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import type { SegmentJournal } from '@fieldline/journal';
import { DuckDbHistory } from '../../history/duckdb-history.js';
import type { ConnectSink, StoredValue } from '../sink.contract.js';
import { silent } from '../sinks.fixture.js';
import { DuckDbSink } from './sink.js';
import { DuckDbStore, type DuckDbStoreOptions } from './store.js';

/** The build that the worker thread runs; see store.ts. */
export const BUILD = fileURLToPath(new URL('../../../dist/', import.meta.url));

export function historyPath(directory: string): string {
  return join(directory, 'history.duckdb');
}

/** Opens the store of a directory. It has to be closed by the test. */
export async function openStore(
  directory: string,
  options: Partial<DuckDbStoreOptions> = {},
): Promise<DuckDbStore> {
  if (!existsSync(join(BUILD, 'sinks/duckdb/worker.js'))) throw new Error('run `npm run build` first');
  const store = new DuckDbStore({
    path: historyPath(directory),
    memory: '128MB',
    retentionDays: 0,
    log: silent,
    ...options,
  });
  await store.open();
  return store;
}

export const connectDuckDb: ConnectSink = async (directory: string, journal: SegmentJournal) => {
  const store = await openStore(directory);
  return {
    sink: new DuckDbSink(store, journal),
    stored: () => allValues(store),
    close: () => store.close(),
  };
};

/** Everything in the store, device by device, in order of time. */
export async function allValues(store: DuckDbStore): Promise<StoredValue[]> {
  const history = new DuckDbHistory(store);
  const values: StoredValue[] = [];
  for (const device of store.devices()) {
    for await (const row of history.export({ device, from: 0, to: Date.UTC(2100, 0) })) values.push(row);
  }
  return values;
}

/** Runs SQL on the file of a store that is closed. */
export async function sql(path: string, statement: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(statement)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
