import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a small file as a whole, for its owner's eyes only: whoever reads it finds the old text or the new one. It is
 * on the disk when this returns, so that nothing can happen in between.
 * @throws the system's error
 */
export function replaceFile(file: string, text: string): void {
  const directory = dirname(file);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = `${file}.new`;
  inFile(draft, 'w', (fd) => {
    writeSync(fd, text);
    fsyncSync(fd);
  });
  renameSync(draft, file);
  inFile(directory, 'r', fsyncSync);
}

function inFile(path: string, flags: 'r' | 'w', use: (fd: number) => void): void {
  const fd = openSync(path, flags, 0o600);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}
