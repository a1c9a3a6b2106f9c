import { type Command, type CommandAnswer, type LogLevel, type UplinkOptions, type UplinkState } from '@fieldline/protocol';
import type { Queue } from '../queue/queue.js';
import { type BoardFacts } from './board-facts.js';
/** Who a board is at the hub. */
export interface Identity {
    readonly device: string;
    readonly token: string;
}
export interface HubLinkOptions {
    readonly url: string;
    /** The configured profile; the board's own `hello` comes first. */
    readonly profile: string | null;
    readonly queue: Queue;
    onCommand(command: Command, accept: () => void): Promise<CommandAnswer>;
    onConfig(desired: Readonly<Record<string, unknown>>, version: number): Promise<Record<string, unknown> | undefined>;
    /** Something that somebody should know of. */
    warn(message: string): void;
    /** The connection came or went. */
    changed?(): void;
    /** For tests. */
    readonly uplink?: Pick<UplinkOptions, 'clock' | 'reconnect' | 'random' | 'WebSocket'>;
}
/**
 * A board's connection to the hub: what waits in the queue goes up, commands and configurations come down.
 *
 * It is there while the board is, and while something waits: so the hub calls a device online whose board is plugged
 * in and speaks. (For the time that it takes to send what an absent board has left, it is online, too.)
 */
export declare class HubLink {
    #private;
    constructor(options: HubLinkOptions);
    /** Begins to connect as this device. */
    open(identity: Identity): void;
    get state(): UplinkState;
    get stats(): {
        state: UplinkState;
        rejected: number;
        linesDropped: number;
    };
    /** The board is there, and this is what it says of itself. */
    present(facts: BoardFacts): void;
    /** The board is gone. What waits is still sent. */
    absent(): void;
    /** A line for the device's log. Without a connection the newest hundred wait. */
    log(level: LogLevel, text: string): void;
    close(): Promise<void>;
}
//# sourceMappingURL=hub-link.d.ts.map