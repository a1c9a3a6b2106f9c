import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { diskOf } from '../ops/disk.js';
import type { DataSight } from './scene.js';

/** Offset of `user_version` in the header of a SQLite file (https://www.sqlite.org/fileformat2.html#the_database_header). */
const USER_VERSION_AT = 60;
const OTHERS = 0o077;

/** Looks at a data directory without touching it; null where there is none. */
export async function lookAtData(directory: string): Promise<DataSight | null> {
  const path = resolve(directory);
  if (!existsSync(path)) return null;
  const disk = await diskOf(path);
  const nothing = {
    path,
    open: [],
    hasAdminToken: false,
    stateVersion: null,
    journalBytes: 0,
    writtenAt: null,
    disk,
  };
  try {
    const names = readdirSync(path);
    if (!names.includes('state.sqlite') && !names.includes('journal')) return null;
    const journal = join(path, 'journal');
    const segments = names.includes('journal') ? readdirSync(journal) : [];
    const files = [...names.map((name) => join(path, name)), ...segments.map((name) => join(journal, name))];
    const stats = [path, ...files].flatMap((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found === undefined ? [] : [{ file, ...pick(found) }];
    });
    const pid = runningPid(segments);
    return {
      ...{ path, disk, pid, unreadable: null, openFiles: pid === null ? null : openFilesOf(pid) },
      // The directory keeps everybody out of what is in it.
      open: isOpen(stats[0]) ? stats.filter(isOpen).map(({ file }) => file) : [],
      hasAdminToken: names.includes('admin-token'),
      stateVersion: stateVersion(join(path, 'state.sqlite')),
      journalBytes: stats
        .filter(({ file }) => file.endsWith('.seg'))
        .reduce((sum, { size }) => sum + size, 0),
      writtenAt: Math.max(...stats.map(({ mtimeMs }) => mtimeMs)),
    };
  } catch (error) {
    const unreadable = error instanceof Error ? error.message : String(error);
    return { ...nothing, unreadable, pid: null, openFiles: null };
  }
}

function pick({ mode, size, mtimeMs }: { mode: number; size: number; mtimeMs: number }) {
  return { mode, size, mtimeMs };
}

function isOpen(found: { readonly mode: number } | undefined): boolean {
  return found !== undefined && (found.mode & OTHERS) !== 0;
}

/** Null also where a write-ahead log may hold a newer one. */
function stateVersion(path: string): number | null {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (!existsSync(path) || (log !== undefined && log.size > 0)) return null;
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    const bytes = readSync(file, header, 0, header.length, 0);
    return bytes < header.length ? null : header.readUInt32BE(USER_VERSION_AT);
  } finally {
    closeSync(file);
  }
}

/** The journal's lock is named after the process that holds it. */
function runningPid(names: readonly string[]): number | null {
  for (const name of names) {
    const pid = Number(/^lock\.(\d+)\./.exec(name)?.[1]);
    if (pid > 0 && existsSync(`/proc/${pid}`)) return pid;
  }
  return null;
}

function openFilesOf(pid: number): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
