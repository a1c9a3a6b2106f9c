import type { Pairs } from './line.js';
/** A command cannot be written as a line. `code` is one of protocol §1.2's, for the answer. */
export declare class LineError extends Error {
    readonly code: 'bad_params' | 'too_large';
    readonly name = "LineError";
    constructor(code: 'bad_params' | 'too_large', message: string);
}
export interface LineFormat {
    /** Whether a check is put behind the line. */
    readonly checked: boolean;
    /** Longest line, with its check and its newline, in bytes. */
    readonly maxBytes: number;
}
/** `!<id> <name> <param>=<value> …`. @throws LineError when a parameter is no plain value, or the line is too long */
export declare function writeCommand(command: {
    readonly id: string;
    readonly name: string;
    readonly params?: Readonly<Record<string, unknown>>;
}, format: LineFormat): Buffer;
/** A message of protocol §1.2 as a line of JSON. @throws LineError `too_large` */
export declare function writeMessage(message: object, format: LineFormat): Buffer;
/** `?`: the board is asked for its `hello`. Never with a check, since nobody knows yet whether the board has them. */
export declare const QUESTION: Buffer<ArrayBuffer>;
/** A reading as a line, as a board would write it: for tests and the monitor. */
export declare function writeReading(values: Pairs, uptimeMs: number | undefined, format: LineFormat): Buffer;
//# sourceMappingURL=write-line.d.ts.map