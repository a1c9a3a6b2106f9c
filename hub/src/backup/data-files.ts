import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PackFile } from './pack.js';

/** Names inside of an archive: below `data/` stands the data directory, as it would be without the archive. */
export const DATA = 'data/';
export const STATE_NAME = `${DATA}state.sqlite`;
export const HISTORY_NAME = `${DATA}history.duckdb`;
export const JOURNAL_NAME = `${DATA}journal/`;
export const CONFIG_NAME = 'config/';
export const PROFILES_NAME = 'profiles/';

/** Small files of the data directory that are copied as they are: the admin's token, tokens of simulated devices. */
const SMALL = /^(admin-token|sim-[\w.-]+\.json)$/;

/** The small files of a data directory. */
export function smallFiles(directory: string): PackFile[] {
  return readdirSync(directory)
    .filter((name) => SMALL.test(name))
    .sort()
    .map((name) => whole(`${DATA}${name}`, join(directory, name)));
}

export interface Settings {
  /** Directory of the profiles. */
  readonly profiles: string;
  /** The configuration file; null where the environment alone configures the hub. */
  readonly configFile: string | null;
  /** The configuration in effect as YAML, with secrets masked. */
  readonly effective: string;
}

/** What a hub is configured with. Beside the data directory in the archive, because it belongs elsewhere on a machine. */
export function settingFiles({ profiles, configFile, effective }: Settings): PackFile[] {
  const files: PackFile[] = [{ name: `${CONFIG_NAME}effective.yaml`, text: effective }];
  if (configFile !== null && existsSync(configFile)) {
    files.push(whole(`${CONFIG_NAME}${basename(configFile)}`, configFile));
  }
  if (!existsSync(profiles)) return files;
  const names = readdirSync(profiles).filter((name) => /\.ya?ml$/.test(name));
  return [...files, ...names.sort().map((name) => whole(`${PROFILES_NAME}${name}`, join(profiles, name)))];
}

/** A file that nobody changes, to its end. */
export function whole(name: string, path: string): PackFile {
  return { name, path, sizeBytes: statSync(path).size };
}
