import { Transform, type TransformCallback } from 'node:stream';
/**
 * Stands before a parser of `@serialport`, which keeps whatever comes until its delimiter does: it lets through
 * at most `maxBytes + 1` bytes of one frame and drops the rest, so that a line of noise cannot fill the memory.
 * The one byte more tells the reader that the frame was too long (`isTooLong`); with the next delimiter all is well.
 */
export declare class FrameLimit extends Transform {
    #private;
    /** @param delimiter the byte that ends a frame; it does not count */
    constructor(delimiter: number, maxBytes: number);
    /** Whether a frame that came through was longer than allowed, and is not whole. */
    isTooLong(frame: Uint8Array): boolean;
    _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void;
}
//# sourceMappingURL=frame-limit.d.ts.map