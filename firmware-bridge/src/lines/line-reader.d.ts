import type { Line } from './line.js';
/** Why a line of the protocol was dropped: its check was wrong, or there was none although the port has them. */
export type LineFault = {
    readonly kind: 'bad_crc' | 'no_crc';
    readonly text: string;
};
/**
 * Reads the lines of one opened port. Checks are sticky: after one line with a valid CRC every line of the protocol
 * needs one, and so do the lines that are written to the board (protocol §5). Lines of the log are exempt.
 * A new opening takes a new reader.
 */
export declare class LineReader {
    #private;
    /** Whether lines carry checks in both directions by now. */
    get checked(): boolean;
    /** Reads a line without its newline. Undefined: there was nothing in it. */
    read(bytes: Uint8Array): Line | LineFault | undefined;
}
//# sourceMappingURL=line-reader.d.ts.map