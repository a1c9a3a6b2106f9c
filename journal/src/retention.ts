import type { Cursors } from './cursors.js';
import type { Segment } from './segment.js';
import type { SegmentChain } from './segment-chain.js';

export interface RetentionOptions {
  readonly chain: SegmentChain;
  readonly cursors: Cursors;
  readonly maxBytes: number;
  readonly now: () => number;
}

/** What the log keeps: all that an uncapped reader has not confirmed, and of capped ones what fits. */
export class Retention {
  readonly #options: RetentionOptions;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Bytes on disk that uncapped readers hold. Segments are removed whole, so the first one counts whole. */
  neededBytes(): number {
    const { chain, cursors } = this.#options;
    const confirmed = cursors.leastUncapped();
    let needed = chain.bytes;
    for (const segment of chain.segments) {
      if (segment.last > confirmed) break;
      needed -= segment.fileBytes;
    }
    return needed;
  }

  /** Moves capped readers forward that hold more than they may, and removes what nobody needs; nothing during a hold. */
  async enforce(): Promise<void> {
    const { chain, cursors, maxBytes } = this.#options;
    // Segments that stay only because they are being copied must cost no reader anything.
    if (chain.isHeld) return;
    for (const reader of cursors.capped()) {
      const allowed = Math.max(
        this.#offsetByBytes(reader.offset, reader.cap.bytes),
        this.#offsetByAge(reader.offset, reader.cap.ageMs),
      );
      if (allowed > reader.offset) cursors.skip(reader.name, allowed);
    }
    if (chain.bytes >= maxBytes) this.#skipOldest(chain.bytes - maxBytes);
    await chain.trim(cursors.least());
  }

  /** The smallest offset from which on no more than `bytes` are left. */
  #offsetByBytes(offset: number, bytes: number): number {
    const { chain } = this.#options;
    if (chain.bytesAfter(offset) <= bytes) return offset;
    for (const segment of chain.segments) {
      if (segment.last <= offset || chain.bytesAfter(segment.last) > bytes) continue;
      for (const first of segment.index.firsts) {
        if (first > offset && chain.bytesAfter(first - 1) <= bytes) return first - 1;
      }
    }
    return chain.active.last;
  }

  /** The smallest offset after which everything was written within `ageMs`. */
  #offsetByAge(offset: number, ageMs: number): number {
    const since = this.#options.now() - ageMs;
    for (const segment of this.#options.chain.segments) {
      if (segment.last <= offset) continue;
      if (segment.lastTime < since) {
        offset = segment.last;
        continue;
      }
      const first = segment.index.firsts[segment.index.findTime(since)];
      // Within its newest block the age of single readings is not known: they are kept.
      const newest = segment.index.firsts.at(-1) ?? segment.first;
      return Math.max(offset, (first ?? newest) - 1);
    }
    return offset;
  }

  /** At the size cap, capped readers give way before the log refuses an append. */
  #skipOldest(excessBytes: number): void {
    const { chain, cursors } = this.#options;
    const needed = cursors.leastUncapped();
    let freed = 0;
    let upTo = 0;
    for (const segment of chain.segments as readonly Segment[]) {
      if (freed > excessBytes || segment.last > needed || segment === chain.active) break;
      freed += segment.fileBytes;
      upTo = segment.last;
    }
    for (const { name, offset } of cursors.capped()) if (offset < upTo) cursors.skip(name, upTo);
  }
}
