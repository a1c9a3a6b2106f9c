import type { QueueConfig } from '../config/config.js';
/** A message of a board on its way to the disk. */
export interface Outgoing {
    /** The telemetry message without `type` and `seq`, as JSON, with its time. Absent in {@link row}. */
    readonly body?: string;
    /** A plain reading: its time (ms since 1970) and its values as JSON. May share a message with its neighbours. */
    readonly row?: {
        readonly time: number;
        readonly values: string;
    };
    /** The board's own number, where it has one. */
    readonly number?: {
        readonly boot: string;
        readonly seq: number;
    };
}
/** A message as it waits for the hub: `seq` is its number there, within the queue's boot. */
export interface Waiting {
    readonly seq: number;
    readonly body: string;
}
/**
 * What a board has said and the hub has not acknowledged, on the disk.
 *
 * A message's place in the journal is its number at the hub, and the journal's id names the boot: so a bridge that was
 * killed sends the same messages under the same numbers again, and the hub drops what it has. The board's own numbers
 * stand beside it, as the journal's watermarks.
 */
export declare class Queue {
    #private;
    private constructor();
    /** @throws JournalError when the directory cannot be used, or belongs to another bridge that runs */
    static open(directory: string, device: string, { maxBytes, whenFull }: QueueConfig, warn: (message: string, cause?: unknown) => void): Promise<Queue>;
    /** Names this queue towards the hub. Another data directory is another boot. */
    get boot(): string;
    /** The highest number that was ever given. */
    get highest(): number;
    /** The highest number that the hub has acknowledged, or that was given up. */
    get confirmed(): number;
    get stats(): {
        messages: number;
        bytes: number;
        oldestMs: number | null;
        dropped: number;
        trouble: import("@fieldline/journal").JournalTrouble | null;
    };
    /** What was received of the board's own numbers, by its boots. */
    watermarks(): readonly import("@fieldline/journal").Watermark[];
    /**
     * Resolves once the message is on the disk.
     * @throws JournalError `journal_full`, `disk_full`, `sync_failed`: it was not taken
     */
    add(message: Outgoing): Promise<void>;
    /** Messages after number `after`, oldest first; the first of them may be later where some were given up. */
    read(after: number, count: number): Promise<Waiting[]>;
    /** Calls `wake` when there is something new to read. */
    onAdded(wake: () => void): () => void;
    /** The hub has every message up to `seq`. */
    confirm(seq: number): void;
    close(): Promise<void>;
}
//# sourceMappingURL=queue.d.ts.map