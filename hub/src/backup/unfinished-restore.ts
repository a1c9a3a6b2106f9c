import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DirectoryLock, JournalError } from '@fieldline/journal';
import { FieldlineError } from '../errors.js';
import { syncPath } from './sync-path.js';

/**
 * A restore has two halves, told apart by the name of the directory in which it works, inside of the data directory. While an
 * archive is unpacked and checked, nothing of what is there is touched. Then the directory is renamed, in one step that
 * is durable, and from there on the restore is done, whoever carries it out: a restore that was killed is carried on by
 * the next start of the hub. When nothing of it is needed any more it has its first name again.
 */
const UNCHECKED = '.restore-';
const CHECKED = '.restored-';

/** Names in a data directory that are not data: restores, and what a file system may have made. */
const NOT_DATA = /^(\.restored?-|lost\+found$)/;

const PLAN = 'plan.json';

/** What of the archive goes into the data directory, and where the rest goes. */
const RESTORED_DATA = 'data';
const RESTORED_SETTINGS = 'from-backup';

/** What a checked restore does with the data directory. */
export interface Plan {
  /** Directory in the data directory to which what was there before is moved; null where nothing was. */
  readonly aside: string | null;
  /** What was there before, by name. */
  readonly names: readonly string[];
}

type Rename = (from: string, to: string) => Promise<void>;

/** What is in a data directory, without what restores have left. */
export async function dataNames(data: string): Promise<string[]> {
  return (await readdir(data)).filter((name) => !NOT_DATA.test(name));
}

/** A restore that is under way in this process. */
export class Restore {
  /** Where the archive is to be unpacked. */
  readonly directory: string;
  readonly #data: string;
  readonly #checked: string;
  readonly #lock: DirectoryLock;

  private constructor(data: string, stamp: string, lock: DirectoryLock) {
    this.#data = data;
    this.directory = join(data, UNCHECKED + stamp);
    this.#checked = join(data, CHECKED + stamp);
    this.#lock = lock;
  }

  /** @param stamp tells it from other restores */
  static async begin(data: string, stamp: string): Promise<Restore> {
    const directory = join(data, UNCHECKED + stamp);
    await mkdir(directory, { mode: 0o700 });
    return new Restore(data, stamp, await DirectoryLock.take(directory));
  }

  /** The archive is whole: what is unpacked becomes the data directory, whatever happens from now on. */
  async complete(plan: Plan, move: Rename = rename): Promise<void> {
    const file = join(this.directory, PLAN);
    await writeFile(file, JSON.stringify(plan), { mode: 0o600 });
    for (const path of [file, this.directory]) await syncPath(path);
    await rename(this.directory, this.#checked);
    await syncPath(this.#data);
    await carryOut(this.#data, this.#checked, move);
  }

  /** Removes what was unpacked and is not checked. After `complete` it does nothing. */
  async abandon(): Promise<void> {
    await this.#lock.release();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Where {@link carryOut} puts the configuration and the profiles of a backup. */
export function settingsOf(data: string): string {
  return join(data, RESTORED_SETTINGS);
}

/**
 * Carries on a restore whose archive had been checked when it was killed, and removes what one has left that had not come so
 * far. To be called before anything in the data directory is opened.
 * @returns whether a restore was carried on
 * @throws FieldlineError `restore_running`
 */
export async function finishRestores(data: string): Promise<boolean> {
  let carriedOn = false;
  for (const name of existsSync(data) ? await readdir(data) : []) {
    const isChecked = name.startsWith(CHECKED);
    if (!isChecked && !name.startsWith(UNCHECKED)) continue;
    const directory = join(data, name);
    const lock = await take(data, directory);
    // Its lock goes with it.
    if (isChecked) await carryOut(data, directory, rename);
    else await rm(directory, { recursive: true, force: true });
    await lock.release();
    carriedOn ||= isChecked;
  }
  return carriedOn;
}

async function take(data: string, directory: string): Promise<DirectoryLock> {
  try {
    return await DirectoryLock.take(directory);
  } catch (cause) {
    if (!(cause instanceof JournalError && cause.code === 'locked')) throw cause;
    const message = `A backup is being restored into ${data} at this moment. Wait until that has ended.`;
    throw new FieldlineError('restore_running', message, { cause });
  }
}

/** Every step of it can be taken again: after a kill it goes on where it was. */
async function carryOut(data: string, checked: string, move: Rename): Promise<void> {
  const { aside, names } = JSON.parse(await readFile(join(checked, PLAN), 'utf8')) as Plan;
  if (aside !== null) {
    await mkdir(join(data, aside), { recursive: true, mode: 0o700 });
    for (const name of names) {
      // What has been moved is there by now; what has its name is the backup's.
      if (existsSync(join(data, aside, name)) || !existsSync(join(data, name))) continue;
      await move(join(data, name), join(data, aside, name));
    }
    await syncPath(join(data, aside));
  }
  const settings = settingsOf(data);
  await mkdir(settings, { recursive: true, mode: 0o700 });
  for (const name of await readdir(checked)) {
    if (name === RESTORED_DATA || name === PLAN || name.startsWith('lock.')) continue;
    await move(join(checked, name), join(settings, name));
  }
  const restored = join(checked, RESTORED_DATA);
  for (const name of await readdir(restored)) await move(join(restored, name), join(data, name));
  for (const path of [settings, join(data, 'journal'), data]) await syncPath(path);
  // By the name of one that is to be carried on, what a kill within the removal leaves would be taken for that.
  const remnant = join(data, UNCHECKED + basename(checked).slice(CHECKED.length));
  await move(checked, remnant);
  await syncPath(data);
  await rm(remnant, { recursive: true, force: true });
}
