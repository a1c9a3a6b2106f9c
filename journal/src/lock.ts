import { open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from './disk.js';
import { JournalError } from './errors.js';

/** `lock.<pid>.<start>`: who holds the lock is in its name, so a lock is never seen half written. */
const NAME = /^lock\.(\d+)\.([0-9a-f-]*)$/;

/**
 * Keeps a second process from opening a directory. One that was killed leaves nothing that blocks.
 *
 * Each process makes a lock of its own first and looks for others then: of two, the later one sees the other's.
 * Two that start at the same moment may see each other, and are both refused. A dead process's lock can be
 * removed without a race, since its name is never made again.
 */
export class DirectoryLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws JournalError `locked` */
  static async take(directory: string): Promise<DirectoryLock> {
    const own = `lock.${process.pid}.${await startOf(process.pid)}`;
    const lock = new DirectoryLock(join(directory, own));
    await lock.#make();
    try {
      for (const name of await readdir(directory)) {
        if (name !== own) await refuseIfAlive(directory, name);
      }
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async release(): Promise<void> {
    await remove(this.#path);
  }

  async #make(): Promise<void> {
    try {
      await (await open(this.#path, 'wx', 0o640)).close();
    } catch (cause) {
      if (systemErrorCode(cause) !== 'EEXIST') throw cause;
      throw new JournalError('locked', 'this process has the journal open already', { cause });
    }
  }
}

/** Removes a lock that nobody holds. @throws JournalError `locked` when somebody does */
async function refuseIfAlive(directory: string, name: string): Promise<void> {
  const [, pid, started] = NAME.exec(name) ?? [];
  if (pid === undefined) return;
  const path = join(directory, name);
  if (isRunning(Number(pid))) {
    // The number of a dead process is given to another one some day.
    const startedNow = await startOf(Number(pid));
    if (started === '' || startedNow === '' || started === startedNow) {
      throw new JournalError(
        'locked',
        `process ${pid} has this journal open. Stop it first; if it is no journal's, remove ${path}.`,
      );
    }
  }
  await remove(path);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/**
 * When a process began: the boot of the machine, and clock ticks since then (proc(5), `stat` field 22). Empty
 * where there is no /proc.
 */
async function startOf(pid: number): Promise<string> {
  const stat = await contentOf(`/proc/${pid}/stat`);
  const boot = await contentOf('/proc/sys/kernel/random/boot_id');
  // The name of the program may hold blanks; what follows its bracket begins with field 3.
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
  return ticks === undefined ? '' : `${boot?.slice(0, 8) ?? ''}-${ticks}`;
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}
