import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Instance } from './instance.js';
import { Tables } from './tables.js';

/**
 * Makes the file where there is none. It gets its name when it is whole: so a start that was killed leaves nothing
 * that looks like a damaged history. A write-ahead log without its file is kept under another name, because
 * DuckDB would take it for this file's.
 */
export async function ensureFile(path: string, memory: string): Promise<void> {
  if (existsSync(path)) return;
  const unfinished = `${path}.new`;
  await rm(unfinished, { force: true });
  await rm(`${unfinished}.wal`, { force: true });
  const instance = await Instance.open(unfinished, memory);
  try {
    await Tables.open(await instance.connect());
  } finally {
    await instance.close();
  }
  if (existsSync(`${path}.wal`)) await rename(`${path}.wal`, `${path}.wal.orphan`);
  await rename(unfinished, path);
}
