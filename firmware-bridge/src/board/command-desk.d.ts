import { type Command, type CommandAnswer } from '@fieldline/protocol';
import type { BoardCodec } from './board-codec.js';
/** What a port is to the desk while it is open. */
export interface DeskLine {
    readonly codec: BoardCodec;
    /** Longest line or frame that the board takes. */
    maxBytes(): number;
    write(bytes: Buffer): boolean;
}
/**
 * Brings commands and configurations to a board: one after another, since a small UART's buffer holds one (protocol §5).
 * The next is written after the answer to the one before, or after ten seconds. What was written and not answered stays
 * without an answer, since nobody knows whether it was done; an answer that comes late is still passed on.
 */
export declare class CommandDesk {
    #private;
    constructor(now?: () => number);
    /** The port is open, and the board has said hello: commands may go. */
    opened(line: DeskLine): void;
    /** The port is gone. What was not written never will be. */
    closed(): void;
    /** Never settles for a command that was written and not answered: its outcome is not known. */
    command(command: Command, accept: () => void): Promise<CommandAnswer>;
    /** @throws Error when the board refuses it, does not answer in ten seconds, or is not there */
    config(desired: Readonly<Record<string, unknown>>, version: number): Promise<Record<string, unknown> | undefined>;
    /** The board has answered a command, or reported a configuration (`config <version>`). */
    answered(key: string, answer: CommandAnswer | 'accepted'): void;
}
//# sourceMappingURL=command-desk.d.ts.map