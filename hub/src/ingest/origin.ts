import type { BootState, Mark } from './boot-state.js';

/** Who sent numbered messages and waits for their ack: a device's session, or an HTTP request. */
export interface Origin {
  /** The messages of a mark are on disk. */
  settled(mark: Mark): void;
  /** Something of this boot may be acked again: a duplicate came, or another origin's message was synced. */
  ackDue(state: BootState): void;
}
