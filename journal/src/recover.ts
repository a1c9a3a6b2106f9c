import { join } from 'node:path';
import type { Disk } from './disk.js';
import { JournalError } from './errors.js';
import { RecordKind } from './record.js';
import { scanRecords } from './scan.js';
import { type Replay, scanSegment } from './scan-segment.js';
import { parseSegmentName, Segment } from './segment.js';
import { SegmentFile } from './segment-file.js';
import { readFoot } from './segment-foot.js';
import { loadSnapshot, parseHeader } from './segment-head.js';
import { WatermarkTable } from './watermark-table.js';

/** What an open finds in a directory. */
export interface Recovered {
  /** Undefined when there is no log yet. */
  readonly id: string | undefined;
  readonly tag: number | undefined;
  readonly segments: Segment[];
  /** The last segment's, cut to what is whole; undefined when it takes no appends any more. */
  readonly file: SegmentFile | undefined;
  /** Whether that segment's snapshot is whole. If not, a new segment has to begin with one. */
  readonly snapshotWhole: boolean;
  readonly marks: WatermarkTable;
  readonly cursors: Readonly<Record<string, number>>;
  /** Offset of the next reading. */
  readonly next: number;
  readonly damaged: number;
  readonly tornBytes: number;
}

/**
 * Reads the state of a log. Only segments since the newest whole snapshot are read through, mostly the last
 * one alone; of the others it reads the index. Damage is stepped over and counted, a torn tail is cut off.
 * @throws JournalError `unsupported_format`, and the disk's errors
 */
export function recover(disk: Disk, directory: string, warn: (message: string) => void): Promise<Recovered> {
  return new Recovery(disk, directory, warn).run();
}

/** The beginning of a segment. */
interface Beginning {
  readonly segment: Segment;
  readonly tag: number;
  readonly journal: string | undefined;
}

class Recovery {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #warn: (message: string) => void;
  readonly #marks = new WatermarkTable();
  #damaged = 0;
  #tornBytes = 0;

  constructor(disk: Disk, directory: string, warn: (message: string) => void) {
    this.#disk = disk;
    this.#directory = directory;
    this.#warn = warn;
  }

  async run(): Promise<Recovered> {
    const beginnings = await this.#beginnings();
    const id = this.#onlyLog(beginnings);
    const tag = beginnings[0]?.tag;
    const segments = beginnings.map(({ segment }) => segment);
    const replay: Replay = { marks: this.#marks, cursors: {} };
    const sealed = tag === undefined ? true : await this.#readSegments(segments, tag, replay);
    const last = segments.at(-1);
    this.#countMissing(segments);
    return {
      id,
      tag,
      segments,
      file: last === undefined || sealed ? undefined : await this.#cut(last),
      snapshotWhole: last !== undefined && (await this.#hasWholeSnapshot(last, tag)),
      marks: this.#marks,
      cursors: replay.cursors,
      // A reader confirms only what was synced: if that is gone, its numbers are not given out again.
      next: 1 + Math.max(0, last?.last ?? 0, ...Object.values(replay.cursors)),
      damaged: this.#damaged,
      tornBytes: this.#tornBytes,
    };
  }

  /** Every segment file in order. One in which nothing is valid is set aside. */
  async #beginnings(): Promise<Beginning[]> {
    const segments: Segment[] = [];
    for (const name of await this.#disk.list(this.#directory)) {
      const parsed = parseSegmentName(name);
      if (parsed !== undefined) segments.push(new Segment(this.#directory, parsed.number, parsed.first));
      else if (!/^lock\.|\.damaged$/.test(name)) {
        this.#warn(`${join(this.#directory, name)} is not named like a segment: ignored`);
      }
    }
    segments.sort((a, b) => a.number - b.number || a.first - b.first);
    const beginnings: Beginning[] = [];
    for (const segment of segments) {
      const beginning = await this.#beginning(segment);
      if (beginning !== undefined) beginnings.push(beginning);
      else await this.#setAside(segment, segment === segments.at(-1));
    }
    return beginnings;
  }

  #beginning(segment: Segment): Promise<Beginning | undefined> {
    return this.#reading(segment, async (fd, fileBytes) => {
      let journal: string | undefined;
      const { tag } = await scanRecords(this.#disk, fd, {
        from: 0,
        to: fileBytes,
        tag: undefined,
        windowBytes: 64 * 1024,
        visit: (record) => {
          if (record.kind === RecordKind.segment) journal = parseHeader(record, segment.path).journal;
          // With its header lost, the log's id is in the snapshot too.
          else if (record.kind === RecordKind.snapshot) {
            journal = loadSnapshot(record, new WatermarkTable()).journal;
            if (record.more) return undefined;
          }
          return 'stop';
        },
      });
      return tag === undefined ? undefined : { segment, tag, journal };
    });
  }

  async #setAside(segment: Segment, isLast: boolean): Promise<void> {
    const fileBytes = await this.#reading(segment, async (_, bytes) => bytes);
    // The last one: a crash while it was begun. Nothing was acknowledged from it.
    if (isLast) this.#tornBytes += fileBytes;
    else this.#damaged++;
    if (fileBytes === 0) return this.#disk.unlink(segment.path);
    this.#warn(`nothing in ${segment.path} can be read: renamed to end in .damaged`);
    await this.#disk.rename(segment.path, `${segment.path}.damaged`);
  }

  #onlyLog(beginnings: readonly Beginning[]): string | undefined {
    const tags = new Set(beginnings.map(({ tag }) => tag));
    if (tags.size > 1) {
      throw new JournalError(
        'unsupported_format',
        `${this.#directory} holds segments of ${tags.size} different logs. Move those that do not belong ` +
          'there away; the README of the journal tells how to see which.',
      );
    }
    return beginnings.find(({ journal }) => journal !== undefined)?.journal;
  }

  /** Fills all segments; resolves with whether the last one is sealed. */
  async #readSegments(segments: readonly Segment[], tag: number, replay: Replay): Promise<boolean> {
    let from = segments.length - 1;
    while (from > 0 && !(await this.#hasWholeSnapshot(segments[from] as Segment, tag))) from--;
    let sealed = false;
    for (const [at, segment] of segments.entries()) {
      const successor = segments[at + 1];
      sealed = await this.#reading(segment, async (fd) => {
        if (at < from && (await readFoot(this.#disk, fd, tag, segment))) return true;
        const limit = successor?.first ?? Number.POSITIVE_INFINITY;
        const scan = await scanSegment(this.#disk, fd, tag, segment, limit, at >= from ? replay : undefined);
        this.#damaged += scan.damaged;
        if (successor === undefined && !scan.sealed) this.#tornBytes += scan.restBytes;
        return scan.sealed;
      });
    }
    return sealed;
  }

  #hasWholeSnapshot(segment: Segment, tag: number | undefined): Promise<boolean> {
    return this.#reading(segment, async (fd, fileBytes) => {
      let damaged = false;
      let whole = false;
      await scanRecords(this.#disk, fd, {
        from: 0,
        to: fileBytes,
        tag,
        windowBytes: 256 * 1024,
        onDamage: () => {
          damaged = true;
        },
        visit: (record) => {
          if (record.kind === RecordKind.segment) return undefined;
          whole = record.kind === RecordKind.snapshot && !record.more && !damaged;
          return record.kind === RecordKind.snapshot && record.more && !damaged ? undefined : 'stop';
        },
      });
      return whole;
    });
  }

  /**
   * Opens the last segment to go on. What a killed process had written but not synced was found whole just
   * now; it is synced before anybody builds on it.
   */
  async #cut(last: Segment): Promise<SegmentFile> {
    const file = await SegmentFile.reopen(this.#disk, last.path, last.dataBytes);
    last.fileBytes = last.dataBytes;
    try {
      await file.sync();
      await this.#disk.syncDirectory(this.#directory);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #countMissing(segments: readonly Segment[]): void {
    for (const [at, segment] of segments.entries()) {
      const expected = (segments[at - 1]?.number ?? segment.number - 1) + 1;
      if (segment.number === expected) continue;
      this.#damaged += segment.number - expected;
      this.#warn(`segments ${expected} to ${segment.number - 1} are missing from ${this.#directory}`);
    }
  }

  async #reading<T>(segment: Segment, use: (fd: number, fileBytes: number) => Promise<T>): Promise<T> {
    const fd = await this.#disk.open(segment.path, 'r');
    try {
      return await use(fd, await this.#disk.sizeBytes(fd));
    } finally {
      await this.#disk.close(fd);
    }
  }
}
