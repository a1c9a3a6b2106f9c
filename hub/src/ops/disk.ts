import { statfs } from 'node:fs/promises';

/** The disk that a directory is on: its size, and what is free for this process; null where the system does not say. */
export async function diskOf(directory: string): Promise<{ bytes: number; freeBytes: number } | null> {
  try {
    const { bsize, blocks, bavail } = await statfs(directory);
    return { bytes: bsize * blocks, freeBytes: bsize * bavail };
  } catch {
    return null;
  }
}
