import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { StateFile } from '../state/state-file.js';
import { damaged, FORMATS, type Manifest } from './manifest.js';

/**
 * The formats that the stores of a data directory have, whose hub does not run: an older hub may have written it, and has
 * to be able to take it back.
 * @throws FieldlineError `backup_damaged` naming the file, and those of the state file
 */
export async function formatsOf(directory: string): Promise<Manifest['formats']> {
  return {
    state: StateFile.versionOf(join(directory, 'state.sqlite')),
    // Any other is refused where it is read.
    journal: FORMATS.journal,
    history: await historyLayout(join(directory, 'history.duckdb')),
  };
}

async function historyLayout(path: string): Promise<number> {
  if (!existsSync(path)) return FORMATS.history;
  try {
    const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY', threads: '1' });
    try {
      const connection = await instance.connect();
      const found = await connection.runAndReadAll('select max(version) from layout');
      connection.closeSync();
      return Number(found.getRows()[0]?.[0]);
    } finally {
      instance.closeSync();
    }
  } catch (error) {
    throw damaged(`history.duckdb: ${error instanceof Error ? error.message : error}`, error);
  }
}
