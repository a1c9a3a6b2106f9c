import type { Disk } from './disk.js';

/** A write that failed and could not be taken back: what stands at the end of the file is unknown. */
export class TailLost extends Error {
  override readonly name = 'TailLost';
}

/** At most so many syncs of one file are under way. */
export const MAX_SYNCS = 2;

/**
 * The open file of the segment that is written.
 *
 * It has a descriptor for every sync that may be under way. The kernel reports a failed write-back once per
 * open file: with a shared descriptor, one sync could eat the error that belongs to the other one's data.
 */
export class SegmentFile {
  readonly #disk: Disk;
  readonly #idle: number[];
  readonly #fds: readonly number[];
  /** Where the next record goes, in bytes. */
  #end: number;

  private constructor(disk: Disk, fds: readonly number[], end: number) {
    this.#disk = disk;
    this.#fds = fds;
    this.#idle = [...fds];
    this.#end = end;
  }

  /** Makes the file, or empties it. */
  static create(disk: Disk, path: string): Promise<SegmentFile> {
    return SegmentFile.#open(disk, path, 'w+', 0);
  }

  /** Opens it to go on at `end`; what stands beyond is cut off. */
  static async reopen(disk: Disk, path: string, end: number): Promise<SegmentFile> {
    const file = await SegmentFile.#open(disk, path, 'r+', end);
    try {
      await disk.truncate(file.#fds[0] as number, end);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  static async #open(disk: Disk, path: string, flags: 'w+' | 'r+', end: number): Promise<SegmentFile> {
    const fds = [await disk.open(path, flags)];
    try {
      while (fds.length < MAX_SYNCS) fds.push(await disk.open(path, 'r+'));
    } catch (error) {
      await disk.close(fds[0] as number);
      throw error;
    }
    return new SegmentFile(disk, fds, end);
  }

  get end(): number {
    return this.#end;
  }

  /**
   * Writes at the end. Call it again only after it has resolved. The write does not block the event loop:
   * into the page cache it mostly takes less than a thread's round trip, but a page that an earlier sync is
   * writing back, or a device that is behind, can hold it for as long as that lasts.
   * @throws the system's error after the file was cut back to where it ended; TailLost when it was not
   */
  async write(bytes: Uint8Array): Promise<void> {
    const fd = this.#fds[0] as number;
    try {
      let written = 0;
      while (written < bytes.length) {
        written += await this.#disk.write(fd, bytes.subarray(written), this.#end + written);
      }
    } catch (cause) {
      await this.#disk.truncate(fd, this.#end).catch(() => {
        throw new TailLost('a failed write could not be taken back', { cause });
      });
      throw cause;
    }
    this.#end += bytes.length;
  }

  /** Makes durable what was written before the call. At most {@link MAX_SYNCS} may be under way. */
  async sync(): Promise<void> {
    const fd = this.#idle.pop();
    if (fd === undefined) throw new Error('too many syncs under way');
    try {
      await this.#disk.fdatasync(fd);
    } finally {
      this.#idle.push(fd);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#fds.map((fd) => this.#disk.close(fd)));
  }
}
