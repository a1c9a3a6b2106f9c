import type { Cap } from '@fieldline/protocol';
/** What a board said of itself in its `hello`; told to the hub as the device's. */
export interface BoardFacts {
    readonly firmware?: string;
    readonly profile?: string;
    /** Of the board's own, without `reconnect`, which is the bridge's. */
    readonly caps: readonly Cap[];
    /** Longest line or frame that it takes, bytes. */
    readonly rxMax?: number;
    /** Version of the configuration that it runs. */
    readonly config?: number;
    /** When the board started, ms since 1970, by the bridge's clock. */
    readonly startedAt?: number;
    readonly sleepMs?: number;
}
/** A board that says no hello: it sends readings, and takes no commands. */
export declare const UNKNOWN_BOARD: BoardFacts;
/** Whether the hub has to be told anew. That a board's clock is a little off is no news. */
export declare function sameFacts(a: BoardFacts, b: BoardFacts): boolean;
//# sourceMappingURL=board-facts.d.ts.map