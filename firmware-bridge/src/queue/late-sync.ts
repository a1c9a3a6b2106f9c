import { writeSync } from 'node:fs';
import { type Disk, nodeDisk } from '@fieldline/journal';

/** Beyond it a copy into the system's cache takes longer than to have another thread do it. */
const SMALL_BYTES = 64 * 1024;

/**
 * A disk for a journal that is synced when somebody asks for it, and not with each append. What is written is in the
 * system's cache, which outlives the process, though it be killed; a power cut leaves what was there at the last `sync`.
 *
 * Small writes are made at once: to hand each to another thread and back costs more than the write. Syncs do wait for
 * the disk, and stay with the other threads.
 */
export class LateSync {
  /** What the journal is opened on: its `fdatasync` only takes note. */
  readonly disk: Disk;
  readonly #disk: Disk;
  /** Descriptors of files that hold something which is not on the disk. */
  readonly #unsynced = new Set<number>();
  /** A file was just made: its beginning, which the journal syncs next, goes to the disk at once. */
  #isBeginning = false;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  /** The last sync has failed, and the journal has not been told. */
  #failure: { readonly error: unknown } | undefined;

  constructor(disk: Disk = nodeDisk) {
    this.#disk = disk;
    this.disk = {
      ...disk,
      open: (path, flags) => this.#open(path, flags),
      close: (fd) => this.#close(fd),
      write: async (fd, bytes, position) =>
        bytes.length > SMALL_BYTES
          ? disk.write(fd, bytes, position)
          : writeSync(fd, bytes, 0, bytes.length, position),
      fdatasync: (fd) => this.#note(fd),
    };
  }

  /**
   * Resolves when all that was written before the call is on the disk. Calls that come while the disk is busy share the
   * next sync.
   * @throws the system's error. So does the journal's next `fdatasync`, after which it goes on in another file; until then
   *   what was written is in doubt, and nothing is called synced.
   */
  sync(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#unsynced.size === 0) return this.#running ?? Promise.resolve();
    this.#next ??= this.#afterRunning();
    return this.#next;
  }

  async #afterRunning(): Promise<void> {
    await this.#running?.catch(() => undefined); // those who wait for it are told
    this.#next = undefined;
    const running = this.#syncAll();
    this.#running = running;
    try {
      await running;
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  async #syncAll(): Promise<void> {
    const files = [...this.#unsynced];
    this.#unsynced.clear();
    try {
      await Promise.all(files.map((fd) => this.#disk.fdatasync(fd)));
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  async #note(fd: number): Promise<void> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    const isBeginning = this.#isBeginning;
    this.#isBeginning = false;
    if (isBeginning) await this.#disk.fdatasync(fd);
    else this.#unsynced.add(fd);
  }

  async #open(path: string, flags: 'r' | 'r+' | 'w+'): Promise<number> {
    // A new file has a successor's place: what stands before it must not be missing where it is found.
    if (flags === 'w+') await this.sync().catch(() => undefined);
    const fd = await this.#disk.open(path, flags);
    this.#isBeginning ||= flags === 'w+';
    return fd;
  }

  async #close(fd: number): Promise<void> {
    if (this.#unsynced.has(fd) || this.#running !== undefined) await this.sync().catch(() => undefined);
    this.#unsynced.delete(fd);
    await this.#disk.close(fd);
  }
}
