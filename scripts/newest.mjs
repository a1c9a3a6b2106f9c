import { readdirSync, statSync } from 'node:fs';

/** When the file of a directory that was changed last was changed, in ms since 1970; 0 for none. */
export function newest(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const times = entries
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs);
  return Math.max(0, ...times);
}
