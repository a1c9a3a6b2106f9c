import type { Line } from './line.js';
/** Reads a line without its check and its end (protocol §5). What matches nothing wholly is a line of the log. */
export declare function parseLine(text: string): Line;
//# sourceMappingURL=grammar.d.ts.map