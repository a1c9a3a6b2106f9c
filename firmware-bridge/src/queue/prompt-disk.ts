import { writeSync } from 'node:fs';
import { type Disk, nodeDisk } from '@fieldline/journal';

/** Beyond it a copy into the system's cache takes longer than to have another thread do it. */
const SMALL_BYTES = 64 * 1024;

/**
 * The real disk, with small writes made at once: they go into the system's cache, and to hand each to another thread and
 * back costs more than the write. Syncs do wait for the disk, and stay with the other threads.
 */
export const promptDisk: Disk = {
  ...nodeDisk,
  async write(fd, bytes, position) {
    if (bytes.length > SMALL_BYTES) return nodeDisk.write(fd, bytes, position);
    return writeSync(fd, bytes, 0, bytes.length, position);
  },
};
