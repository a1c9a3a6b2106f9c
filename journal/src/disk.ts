import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * The file operations that the log is made of; a test makes one of them fail. All reject with Node's system
 * errors. Descriptors are plain numbers: the operations of fs/promises cost several times as much.
 */
export interface Disk {
  /** Makes a directory and those above it, durably. No error when it is there. */
  makeDirectory(path: string): Promise<void>;
  /** Names of the files in a directory. */
  list(directory: string): Promise<string[]>;
  /** Flags as in open(2) for Node: `w+` makes the file, or empties it. */
  open(path: string, flags: 'r' | 'r+' | 'w+'): Promise<number>;
  close(fd: number): Promise<void>;
  sizeBytes(fd: number): Promise<number>;
  /** Reads at `position`; resolves with the number of bytes, 0 at the end. */
  read(fd: number, into: Uint8Array, position: number): Promise<number>;
  /** Writes at `position`; resolves with the number of bytes, which may be fewer than given. */
  write(fd: number, bytes: Uint8Array, position: number): Promise<number>;
  truncate(fd: number, sizeBytes: number): Promise<void>;
  /** Resolves when the data, and the size, are on the disk. */
  fdatasync(fd: number): Promise<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Free bytes for this process on the disk that holds `directory`. */
  freeBytes(directory: string): Promise<number>;
}

const open = promisify(fs.open);
const close = promisify(fs.close);
const fstat = promisify(fs.fstat);
const fdatasync = promisify(fs.fdatasync);
const fsync = promisify(fs.fsync);
const ftruncate = promisify(fs.ftruncate);

/** The real disk. */
export const nodeDisk: Disk = {
  async makeDirectory(path) {
    const first = await fs.promises.mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let made = resolve(path); made.length >= first.length; made = dirname(made)) {
      await this.syncDirectory(dirname(made));
    }
  },
  list: (directory) => fs.promises.readdir(directory),
  open: (path, flags) => open(path, flags, 0o640),
  close,
  sizeBytes: async (fd) => (await fstat(fd)).size,
  read: (fd, into, position) =>
    new Promise((settle, reject) => {
      fs.read(fd, into, 0, into.length, position, (error, n) => (error ? reject(error) : settle(n)));
    }),
  write: (fd, bytes, position) =>
    new Promise((settle, reject) => {
      fs.write(fd, bytes, 0, bytes.length, position, (error, n) => (error ? reject(error) : settle(n)));
    }),
  truncate: ftruncate,
  fdatasync,
  async syncDirectory(path) {
    const fd = await open(path, 'r');
    try {
      await fsync(fd);
    } finally {
      await close(fd);
    }
  },
  rename: (from, to) => fs.promises.rename(from, to),
  unlink: (path) => fs.promises.unlink(path),
  async freeBytes(directory) {
    const { bavail, bsize } = await fs.promises.statfs(directory);
    return bavail * bsize;
  },
};

/** The code of a system error, such as `ENOSPC`; undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
