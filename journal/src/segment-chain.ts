import { type Disk, systemErrorCode } from './disk.js';
import { scanRecords } from './scan.js';
import { Segment } from './segment.js';
import { SegmentFile } from './segment-file.js';
import { segmentFoot } from './segment-foot.js';

export interface ChainOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly tag: number;
  readonly now: () => number;
  readonly warn: (message: string, cause?: unknown) => void;
  /** The records that segment `number`, holding readings from offset `first`, begins with. */
  readonly head: (number: number, first: number) => Iterable<Uint8Array>;
}

/** The segments of a log, oldest first. The last one is written, all others are sealed. */
export class SegmentChain {
  readonly #options: ChainOptions;
  readonly #segments: Segment[];
  /** Undefined only before `open` has made the first segment. */
  #file: SegmentFile | undefined;
  /** Segments that are being removed at this moment. */
  #trimming: Promise<void> | undefined;
  #holds = 0;
  #bytes: number;

  /** @param segments what recovery found; `file` is that of the last one, if it can go on */
  constructor(options: ChainOptions, segments: Segment[], file: SegmentFile | undefined) {
    this.#options = options;
    this.#segments = segments;
    this.#file = file;
    this.#bytes = segments.reduce((sum, segment) => sum + segment.fileBytes, 0);
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Whether somebody copies the segments: none is removed meanwhile. */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Bytes on disk of all segments. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The segment that is written. */
  get active(): Segment {
    const active = this.#segments.at(-1);
    if (active === undefined) throw new Error('the log has no segment yet');
    return active;
  }

  get file(): SegmentFile {
    if (this.#file === undefined) throw new Error('the log has no segment yet');
    return this.#file;
  }

  /** The active segment's synced records reach to here. */
  grown(fileBytes: number): void {
    this.#bytes += fileBytes - this.active.fileBytes;
    this.active.fileBytes = fileBytes;
    this.active.dataBytes = fileBytes;
  }

  /**
   * Begins a new segment at offset `first`, then seals the last one. Nothing may be under way. When it fails,
   * the last one stays as it is.
   */
  async roll(first: number): Promise<void> {
    const sealed = this.#segments.at(-1);
    const file = this.#file;
    await this.#begin(first);
    if (sealed === undefined || file === undefined) return;
    await this.#seal(sealed, file);
    await file.close();
  }

  /**
   * After a failed sync: what the last file holds beyond its synced records is given up, and the log goes on
   * in a new segment. The synced records are read again from a new descriptor and checked.
   * @param onDamage called for every synced batch that is not there any more
   */
  async replace(first: number, onDamage: () => void): Promise<void> {
    const broken = this.active;
    const file = this.#file;
    await this.#begin(first);
    await file
      ?.close()
      .catch((error) => this.#options.warn('a segment with a failed sync did not close', error));
    try {
      await this.#verify(broken, onDamage);
      // Should cutting it fail: recovery takes nothing from a segment that belongs to its successor.
      const again = await SegmentFile.reopen(this.#options.disk, broken.path, broken.dataBytes);
      await this.#seal(broken, again);
      await again.close();
    } catch (error) {
      this.#options.warn(`${broken.path} could not be sealed after a failed sync`, error);
    }
  }

  /** Keeps all segments until the returned function is called; it may be called twice. */
  hold(): () => void {
    this.#holds++;
    let isHeld = true;
    return () => {
      if (isHeld) this.#holds--;
      isHeld = false;
    };
  }

  /** Removes the oldest segments while all their readings are at or below `offset`; never the last one. */
  async trim(offset: number): Promise<void> {
    if (this.#trimming !== undefined || this.isHeld) return;
    this.#trimming = this.#removeUpTo(offset);
    try {
      await this.#trimming;
    } finally {
      this.#trimming = undefined;
    }
  }

  /** Bytes of batches after offset `after`, to the precision of a block. */
  bytesAfter(after: number): number {
    let bytes = 0;
    for (let at = this.#segments.length - 1; at >= 0; at--) {
      const segment = this.#segments[at] as Segment;
      if (segment.last <= after) break;
      bytes += segment.bytesAfter(after);
    }
    return bytes;
  }

  /** Also waits for what is being removed: whoever opens the log next must not find half of it. */
  async close(): Promise<void> {
    await this.#trimming?.catch(() => undefined); // whoever asked for it is told
    await this.#file?.close();
  }

  async #removeUpTo(offset: number): Promise<void> {
    for (
      let oldest = this.#segments[0];
      this.#segments.length > 1 && oldest !== undefined && !this.isHeld;
    ) {
      if (oldest.last > offset) break;
      await this.#options.disk.unlink(oldest.path).catch(ignoreMissing);
      this.#segments.shift();
      this.#bytes -= oldest.fileBytes;
      oldest = this.#segments[0];
    }
  }

  async #begin(first: number): Promise<void> {
    const { disk, directory, head } = this.#options;
    const segment = new Segment(directory, (this.#segments.at(-1)?.number ?? 0) + 1, first);
    let file: SegmentFile | undefined;
    try {
      file = await SegmentFile.create(disk, segment.path);
      for (const record of head(segment.number, first)) await file.write(record);
      await file.sync();
      await disk.syncDirectory(directory);
    } catch (error) {
      await this.#abandon(segment, file);
      throw error;
    }
    this.#segments.push(segment);
    this.#file = file;
    segment.headBytes = file.end;
    this.grown(file.end);
  }

  /** Takes away what a failed beginning left: the next attempt makes the same file anew. */
  async #abandon(segment: Segment, file: SegmentFile | undefined): Promise<void> {
    try {
      await file?.close();
      if (file !== undefined) await this.#options.disk.unlink(segment.path);
    } catch (error) {
      this.#options.warn(`${segment.path} could not be taken away`, error);
    }
  }

  /** The index spares the next open a scan, so failing to write it is no failure of the log. */
  async #seal(segment: Segment, file: SegmentFile): Promise<void> {
    const { tag, now, warn } = this.#options;
    try {
      await file.write(segmentFoot(tag, segment, now()));
      await file.sync();
      this.#bytes += file.end - segment.fileBytes;
      segment.fileBytes = file.end;
    } catch (error) {
      warn(`${segment.path} got no index`, error);
    }
  }

  async #verify(segment: Segment, onDamage: () => void): Promise<void> {
    const { disk, tag } = this.#options;
    const fd = await disk.open(segment.path, 'r');
    try {
      const { end } = await scanRecords(disk, fd, {
        from: 0,
        to: segment.dataBytes,
        tag,
        visit: () => undefined,
        onDamage,
      });
      if (end < segment.dataBytes) onDamage();
    } finally {
      await disk.close(fd);
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
}
