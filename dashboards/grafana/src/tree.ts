import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file that is not as it would be made now. */
export interface TreeDifference {
  /** Below the directory, with slashes. */
  readonly path: string;
  readonly what: 'missing' | 'differs' | 'left over';
}

/** Directories in which files may be left over, such as the board of a profile that is gone. */
const OWN = ['dashboards', 'provisioning/alerting', 'provisioning/dashboards', 'provisioning/datasources'];
/** Names of the files that are made; others in the same directories are their owners'. */
const OWN_NAME = /^fieldline[-.].*(json|yaml)$/;

/** How the files of a directory differ from what they should be, by path. Other people's files are none of it. */
export async function compareTree(
  directory: string,
  files: ReadonlyMap<string, string>,
): Promise<readonly TreeDifference[]> {
  const found: TreeDifference[] = [];
  for (const [path, text] of files) {
    const there = await readIfThere(join(directory, path));
    if (there !== text) found.push({ path, what: there === undefined ? 'missing' : 'differs' });
  }
  for (const path of await ownFiles(directory)) {
    if (!files.has(path)) found.push({ path, what: 'left over' });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Makes the files of a directory what they should be: writes what differs, and removes what is left over. A file that is
 * as it should be is not touched, so that Grafana does not read it again.
 * @returns what was done
 */
export async function writeTree(
  directory: string,
  files: ReadonlyMap<string, string>,
): Promise<readonly TreeDifference[]> {
  const differences = await compareTree(directory, files);
  for (const { path, what } of differences) {
    const file = join(directory, path);
    if (what === 'left over') {
      await rm(file);
    } else {
      await mkdir(dirname(file), { recursive: true });
      // Nobody finds half a file, neither Grafana nor the next who makes them.
      await writeFile(`${file}.new`, files.get(path) ?? '');
      await rename(`${file}.new`, file);
    }
  }
  return differences;
}

async function ownFiles(directory: string): Promise<string[]> {
  const found = await Promise.all(
    OWN.map(async (own) => {
      const names = await orIfMissing(readdir(join(directory, own)), []);
      return names.filter((name) => OWN_NAME.test(name)).map((name) => `${own}/${name}`);
    }),
  );
  return found.flat();
}

/** The text of a file; undefined where there is none. */
export function readIfThere(path: string): Promise<string | undefined> {
  return orIfMissing(readFile(path, 'utf8'), undefined);
}

async function orIfMissing<T, U>(work: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  }
}
