import { type Watermark } from '@fieldline/journal';
/**
 * The numbers that a board gives its own messages. A serial line loses frames, unlike a socket: so a board that says
 * (in `hello.oldest`) what it still keeps is acknowledged up to the first gap only, and sends the rest again. For one
 * that does not say it, a gap is lost, as on the device socket (protocol §1.2 "Ack").
 */
export declare class BoardNumbers {
    #private;
    /** @param onDisk the marks of what is on the disk from before */
    constructor(onDisk: readonly Watermark[]);
    /** Whether the message is one to keep; it is then on its way to the disk, until `synced` or `giveBack`. */
    take(boot: string, seq: number): 'new' | 'late' | 'duplicate';
    /** It could not be kept: when it comes again, it is new. */
    giveBack(boot: string, seq: number): void;
    /** The message is on the disk. */
    synced(boot: string, seq: number): void;
    /** The board keeps nothing older than `oldest` any more: what is missing below is lost. */
    oldest(boot: string, oldest: number): void;
    /** Up to here the board may forget; 0: nothing yet. */
    acknowledged(boot: string): number;
    /** Whether the board should be asked to send something again: a number is neither on the disk nor on its way there. */
    hasGap(boot: string): boolean;
}
//# sourceMappingURL=board-numbers.d.ts.map