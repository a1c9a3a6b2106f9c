import { type Disk, nodeDisk } from '../disk.js';

/** A system error as Node makes it. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

/** The real disk, of which a test replaces operations while it runs. */
export class FaultyDisk implements Disk {
  makeDirectory = (path: string) => nodeDisk.makeDirectory(path);
  list = nodeDisk.list;
  open = nodeDisk.open;
  close = nodeDisk.close;
  sizeBytes = nodeDisk.sizeBytes;
  read = nodeDisk.read;
  write = nodeDisk.write;
  truncate = nodeDisk.truncate;
  fdatasync = nodeDisk.fdatasync;
  syncDirectory = nodeDisk.syncDirectory;
  rename = nodeDisk.rename;
  unlink = nodeDisk.unlink;
  freeBytes = nodeDisk.freeBytes;
}

/** The real disk without its syncs, for tests that open thousands of logs and crash none. */
export function unsyncedDisk(): FaultyDisk {
  const disk = new FaultyDisk();
  disk.fdatasync = () => Promise.resolve();
  disk.syncDirectory = () => Promise.resolve();
  return disk;
}

/** A sync that waits in a test's hand. */
interface HeldSync {
  readonly fd: number;
  /** Lets it go on; resolves when it has returned. */
  release(): Promise<void>;
  fail(error: Error): void;
}

/** Makes every sync wait to be let go, or failed, by hand: `held[0]` is the oldest. */
export class HeldSyncs {
  readonly held: HeldSync[] = [];
  readonly #disk: FaultyDisk;
  readonly #sync: (fd: number) => Promise<void>;
  readonly #arrivals: (() => void)[] = [];

  constructor(disk: FaultyDisk) {
    this.#disk = disk;
    this.#sync = disk.fdatasync;
    disk.fdatasync = (fd) => this.#hold(fd);
  }

  /** Resolves when `count` syncs have come. */
  async waiting(count: number): Promise<void> {
    while (this.held.length < count) await new Promise<void>((resolve) => this.#arrivals.push(resolve));
  }

  /** Lets all go, and holds none any more. */
  async releaseAll(): Promise<void> {
    this.#disk.fdatasync = this.#sync;
    await Promise.all(this.held.map((held) => held.release()));
  }

  #hold(fd: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const release = () => this.#sync(fd).then(resolve);
      this.held.push({ fd, release, fail: reject });
      for (const arrived of this.#arrivals.splice(0)) arrived();
    });
  }
}
