import { type Command, type CommandAnswer, type LogLevel } from '@fieldline/protocol';
import { type BoardFacts } from '../hub/board-facts.js';
import type { Outgoing } from '../queue/queue.js';
import type { BoardCodec } from './board-codec.js';
import type { BoardNumbers } from './board-numbers.js';
import { type BoardCounts } from './counts.js';
/** What a board needs around it. */
export interface BoardSurroundings {
    /** Makes a codec for a port that was just opened. */
    codec(): BoardCodec;
    /** Writes to the port, now or never. */
    write(bytes: Buffer): boolean;
    /** Resolves once the message is on the disk. */
    keep(message: Outgoing): Promise<void>;
    readonly numbers: BoardNumbers;
    /** It is there, and says this of itself. */
    present(facts: BoardFacts): void;
    absent(): void;
    /** A line for the device's log at the hub. */
    log(level: LogLevel, text: string): void;
    /** Something that somebody should know of. */
    warn(message: string): void;
    /** Longest line that may be written while the board has not said what it takes. */
    readonly maxLineBytes: number;
    readonly now?: () => number;
}
/** One board on its port: hears what it says, keeps it, acknowledges it, and brings it commands. */
export declare class Board {
    #private;
    readonly counts: BoardCounts;
    constructor(around: BoardSurroundings);
    /** Its port was opened. */
    opened(): void;
    /** Its port is gone. */
    gone(): void;
    /** A frame came from it. */
    heard(frame: Buffer): void;
    tooLong(): void;
    command(command: Command, accept: () => void): Promise<CommandAnswer>;
    config(desired: Readonly<Record<string, unknown>>, version: number): Promise<Record<string, unknown> | undefined>;
}
//# sourceMappingURL=board.d.ts.map