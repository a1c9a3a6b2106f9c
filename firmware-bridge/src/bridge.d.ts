import type { Logger } from 'pino';
import { Board } from './board/board.js';
import type { BridgeConfig } from './config/config.js';
import { HubLink } from './hub/hub-link.js';
import { Queue } from './queue/queue.js';
/** One board of a running bridge, for the status line and the metrics. */
export interface BridgePort {
    readonly name: string;
    readonly device: string;
    readonly isOpen: boolean;
    readonly board: Board['counts'];
    readonly queue: Queue['stats'];
    readonly hub: HubLink['stats'];
    /** Writes to the port that came to nothing. */
    readonly unsent: number;
}
export interface Bridge {
    readonly ports: readonly BridgePort[];
    /** Closes the ports first, then the connections; what waits stays on the disk. */
    close(): Promise<void>;
}
/**
 * Builds the bridge and starts it: for each port a line, the board behind it, its queue on the disk, and its connection
 * to the hub. One port that cannot be used does not keep the others from working.
 * @throws Error when a queue's directory cannot be used, or a claim key is refused
 */
export declare function startBridge(config: BridgeConfig, log: Logger): Promise<Bridge>;
//# sourceMappingURL=bridge.d.ts.map