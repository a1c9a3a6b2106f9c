import { Transform, type TransformCallback } from 'node:stream';

/**
 * Stands before a parser of `@serialport`, which keeps whatever comes until its delimiter does: it lets through
 * at most `maxBytes + 1` bytes of one frame and drops the rest, so that a line of noise cannot fill the memory.
 * The one byte more tells the reader that the frame was too long (`isTooLong`); with the next delimiter all is well.
 */
export class FrameLimit extends Transform {
  readonly #delimiter: number;
  readonly #maxBytes: number;
  #length = 0;

  /** @param delimiter the byte that ends a frame; it does not count */
  constructor(delimiter: number, maxBytes: number) {
    super();
    this.#delimiter = delimiter;
    this.#maxBytes = maxBytes;
  }

  /** Whether a frame that came through was longer than allowed, and is not whole. */
  isTooLong(frame: Uint8Array): boolean {
    return frame.length > this.#maxBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    while (from < chunk.length) {
      const end = chunk.indexOf(this.#delimiter, from);
      const stop = end === -1 ? chunk.length : end;
      const room = this.#maxBytes + 1 - this.#length;
      const kept = Math.min(stop - from, Math.max(0, room));
      if (kept > 0) this.push(chunk.subarray(from, from + kept));
      this.#length += kept;
      if (end === -1) break;
      this.push(chunk.subarray(end, end + 1));
      this.#length = 0;
      from = end + 1;
    }
    done();
  }
}
