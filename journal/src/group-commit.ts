import type { Append } from './append.js';
import { JournalError } from './errors.js';
import { RECORD_HEAD_BYTES, RecordKind, writeRecord } from './record.js';
import type { SegmentChain } from './segment-chain.js';
import { MAX_SYNCS, TailLost } from './segment-file.js';
import { FreshEntry } from './tail.js';

/** A group takes no further append beyond so many bytes. */
const GROUP_BYTES = 8 * 1024 * 1024;

/** A larger group is laid out in memory of its own. */
const SCRATCH_BYTES = 512 * 1024;

/** Appends that are written and synced together. */
export interface Group {
  readonly appends: readonly { readonly append: Append; readonly placed: readonly Placed[] }[];
  /** Position in the file after its last record. */
  readonly end: number;
}

/** A part with its place in the log. */
export interface Placed {
  readonly entry: FreshEntry;
  readonly position: number;
}

interface Flight extends Group {
  /** The offset that its first reading got. */
  readonly first: number;
  state: 'syncing' | 'synced' | 'failed';
  error?: unknown;
  /** Resolves when its sync has returned, well or not. */
  readonly returned: Promise<void>;
}

export interface GroupCommitOptions {
  readonly chain: SegmentChain;
  readonly tag: number;
  readonly now: () => number;
  /** A segment that has grown by so much gets a successor. */
  readonly segmentBytes: number;
  /** The cursors, if they are to go to disk. Called when a group is put together. */
  readonly takeCursors: () => Record<string, number> | undefined;
  /** The group is on disk. Called in order, with the segment that holds it still active. */
  readonly onDurable: (group: Group) => void;
  /** The disk took what was given to it, or it did not. */
  readonly onDisk: (trouble: 'disk_full' | 'sync_failed' | null, cause?: unknown) => void;
  readonly onDamage: () => void;
  readonly onSync: (durationMs: number) => void;
}

/**
 * Turns appends into groups: whatever arrives while the disk is busy shares the next write and sync. At most
 * {@link MAX_SYNCS} are under way, and they are settled in the order in which they were written.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue: Append[] = [];
  #queuedBytes = 0;
  readonly #flights: Flight[] = [];
  /** Offset of the next reading to be written. */
  #next: number;
  /** Running while there is something to write. */
  #loop: Promise<void> | undefined;
  #flushWanted = false;
  /** A sync failed: nothing may follow in that file. */
  #broken = false;
  /** Where groups are laid out, one at a time: the next one only after the write of this one has returned. */
  #scratch: Buffer | undefined;

  constructor(options: GroupCommitOptions, next: number) {
    this.#options = options;
    this.#next = next;
  }

  /** Bytes that wait to be written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  push(append: Append): void {
    this.#queue.push(append);
    this.#queuedBytes += append.sizeBytes;
    this.#kick();
  }

  /** Writes the cursors even when nothing is appended, and repairs what a failed sync has left. */
  flush(): void {
    this.#flushWanted = true;
    this.#kick();
  }

  /** Resolves when nothing is queued or under way. */
  async idle(): Promise<void> {
    while (this.#loop !== undefined || this.#flights.length > 0) {
      await this.#loop;
      await this.#landed();
    }
  }

  #kick(): void {
    if (this.#loop !== undefined) return;
    this.#loop = this.#run().finally(() => {
      this.#loop = undefined;
      if (this.#queue.length > 0 || this.#flushWanted) this.#kick();
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 || this.#flushWanted) {
      if (this.#broken) await this.#replaceSegment();
      else if (this.#flights.length >= MAX_SYNCS) await this.#flights[0]?.returned;
      else if (this.#isRollDue()) await this.#roll();
      else await this.#writeGroup();
    }
  }

  /** Resolves when no sync is under way. */
  async #landed(): Promise<void> {
    while (this.#flights.length > 0) await Promise.all(this.#flights.map((flight) => flight.returned));
  }

  #isRollDue(): boolean {
    const { chain, segmentBytes } = this.#options;
    return chain.file.end - chain.active.headBytes >= segmentBytes;
  }

  async #roll(): Promise<void> {
    await this.#landed();
    if (this.#broken) return;
    try {
      await this.#options.chain.roll(this.#next);
    } catch (error) {
      this.#refuseQueue('disk_full', 'no new segment could be made', error);
    }
  }

  async #replaceSegment(): Promise<void> {
    await this.#landed();
    try {
      await this.#options.chain.replace(this.#next, this.#options.onDamage);
      this.#broken = false;
      this.#options.onDisk(null);
    } catch (error) {
      this.#refuseQueue('sync_failed', 'a sync failed, and no new segment could be made since', error);
    }
  }

  async #writeGroup(): Promise<void> {
    const { chain, onDisk } = this.#options;
    this.#flushWanted = false;
    const appends = this.#takeQueue();
    const first = this.#next;
    const { bytes, group } = this.#layOut(appends, chain.file.end);
    if (bytes.length === 0) return;
    try {
      await chain.file.write(bytes);
    } catch (error) {
      // An earlier group may have failed meanwhile, and have set it back further.
      this.#next = Math.min(this.#next, first);
      this.#broken ||= error instanceof TailLost;
      onDisk('disk_full', error);
      rejectAll(appends, new JournalError('disk_full', 'the disk refused a write', { cause: error }));
      return;
    }
    if (this.#broken) {
      // The sync before it failed while this was written: it stands behind what may be lost.
      rejectAll(appends, new JournalError('sync_failed', 'fdatasync failed'));
      return;
    }
    onDisk(null);
    this.#sync(group, first);
  }

  #sync(group: Group, first: number): void {
    const { chain, onSync } = this.#options;
    const startedMs = performance.now();
    const flight: Flight = {
      ...group,
      first,
      state: 'syncing',
      returned: chain.file.sync().then(
        () => {
          onSync(performance.now() - startedMs);
          flight.state = 'synced';
          this.#settle();
        },
        (error: unknown) => {
          flight.state = 'failed';
          flight.error = error;
          this.#settle();
        },
      ),
    };
    this.#flights.push(flight);
  }

  /** Settles what can be, from the front. A failed sync takes with it all that was written after it. */
  #settle(): void {
    for (let front = this.#flights[0]; front?.state === 'synced'; front = this.#flights[0]) {
      this.#flights.shift();
      this.#options.onDurable(front);
    }
    const failed = this.#flights.find((flight) => flight.state === 'failed');
    if (failed === undefined) return;
    this.#broken = true;
    if (this.#flights.some((flight) => flight.state === 'syncing')) return;
    this.#next = this.#flights[0]?.first ?? this.#next;
    this.#options.onDisk('sync_failed', failed.error);
    const lost = this.#flights.splice(0).flatMap(({ appends }) => appends.map(({ append }) => append));
    rejectAll(lost, new JournalError('sync_failed', 'fdatasync failed', { cause: failed.error }));
  }

  #takeQueue(): Append[] {
    let bytes = 0;
    let count = 0;
    for (const append of this.#queue) {
      if (count > 0 && bytes + append.sizeBytes > GROUP_BYTES) break;
      bytes += append.sizeBytes;
      count++;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /**
   * Numbers the readings and lays the records out as they will stand in the file from `position` on. The
   * cursors come first: a reader that was attached before an append is known whenever that append is there.
   */
  #layOut(appends: readonly Append[], position: number): { bytes: Buffer; group: Group } {
    const { tag, now, takeCursors } = this.#options;
    const time = now();
    const record = (count: number, more: boolean) => ({ more, count, first: this.#next, time });
    const cursors = takeCursors();
    const cursorBytes = cursors === undefined ? undefined : Buffer.from(JSON.stringify({ cursors }));
    let sizeBytes = cursorBytes === undefined ? 0 : RECORD_HEAD_BYTES + cursorBytes.length;
    for (const append of appends) sizeBytes += append.sizeBytes;
    const bytes = this.#room(sizeBytes);
    let at = 0;
    if (cursorBytes !== undefined) {
      at = writeRecord(bytes, at, tag, { kind: RecordKind.cursors, ...record(0, false) }, cursorBytes);
    }
    const placed = appends.map((append) => ({
      append,
      placed: append.parts.map(({ batch, packed }, part) => {
        const count = batch.readings.length;
        const place = {
          entry: new FreshEntry(this.#next, packed, batch.readings, time),
          position: position + at,
        };
        const head = { kind: RecordKind.batch, ...record(count, part < append.parts.length - 1) };
        at = writeRecord(bytes, at, tag, head, packed);
        this.#next += count;
        return place;
      }),
    }));
    return { bytes, group: { appends: placed, end: position + sizeBytes } };
  }

  #room(sizeBytes: number): Buffer {
    if (sizeBytes > SCRATCH_BYTES) return Buffer.allocUnsafe(sizeBytes);
    this.#scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    return this.#scratch.subarray(0, sizeBytes);
  }

  #refuseQueue(code: 'disk_full' | 'sync_failed', message: string, cause: unknown): void {
    this.#flushWanted = false;
    this.#options.onDisk(code, cause);
    this.#queuedBytes = 0;
    rejectAll(this.#queue.splice(0), new JournalError(code, message, { cause }));
  }
}

function rejectAll(appends: readonly Append[], error: JournalError): void {
  for (const append of appends) append.reject(error);
}
