import { EventEmitter } from 'node:events';
import type { PortMatch } from '../config/config.js';
export interface SerialLineEvents {
    /** A port was opened, at this path. What was read before is over. */
    open: [path: string];
    /** A frame without its delimiter. */
    frame: [frame: Buffer];
    /** A frame that was longer than allowed was dropped. */
    tooLong: [];
    /** The port is gone, or was never there: said once for each reason. It is tried again by itself. */
    gone: [reason: string];
}
export interface SerialLineOptions {
    readonly match: PortMatch;
    readonly baud: number;
    readonly reset: boolean;
    /** The byte that ends a frame. */
    readonly delimiter: number;
    readonly maxFrameBytes: number;
    readonly retryMs?: number;
}
/**
 * A serial port that comes and goes: opens it, waits for it where it is missing, notices that it was pulled, and opens
 * it again. There is one port and one timer at a time, and what an old port still says reaches nobody.
 */
export declare class SerialLine extends EventEmitter<SerialLineEvents> {
    #private;
    constructor(options: SerialLineOptions);
    get isOpen(): boolean;
    /** Begins to look for the port, and stays at it until `close`. */
    open(): void;
    /** Writes bytes now or never. False when the port is not open, or takes nothing. */
    write(bytes: Uint8Array): boolean;
    /** Writes that came to nothing. */
    get unsent(): number;
    close(): Promise<void>;
}
//# sourceMappingURL=serial-line.d.ts.map