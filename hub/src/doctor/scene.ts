import type { ConnectionView, SystemView, UserView } from '@fieldline/protocol';
import type { Config } from '../config.js';
import type { SinkStatus } from '../sinks/sink.js';

/** Everything that the checks look at. Gathered first, so that a check is a plain function. */
export interface Scene {
  /** Ms since 1970, by the clock of this machine. */
  readonly nowMs: number;
  /** The configuration as a hub would have it that was started here. */
  readonly config: Config;
  /** `v20.19.0` */
  readonly nodeVersion: string;
  readonly hub: HubSight;
  /** Null where the data directory is not on this machine. */
  readonly data: DataSight | null;
}

/** What `GET /readyz` tells. */
export interface Readiness {
  readonly journal: {
    readonly bytes: number;
    readonly maxBytes: number;
    readonly damaged: number;
    readonly trouble: string | null;
  };
  readonly sinks: Readonly<Record<string, Omit<SinkStatus, 'errors'>>>;
}

/** A hub that does not answer, and why. */
export interface HubAway {
  readonly isThere: false;
  readonly url: string;
  readonly reason: string;
  readonly remedy: string;
}

/** A hub that answers. */
export interface HubThere {
  readonly isThere: true;
  readonly url: string;
  readonly readiness: Readiness;
  /** How far its clock is ahead of this machine's; null where it was not told. */
  readonly clockAheadMs: number | null;
  /** What only those who have a token are told; null where the token at hand does not do, and why. */
  readonly told: Told | null;
  readonly refusal: string | null;
}
export type HubSight = HubAway | HubThere;

export interface Told {
  readonly system: SystemView;
  readonly connection: ConnectionView;
  readonly users: readonly Pick<UserView, 'username' | 'role'>[];
  /** When the last backup was made, ms since 1970; null for never. */
  readonly backedUpAt: number | null;
}

/** The data directory, from outside. */
export interface DataSight {
  readonly path: string;
  /** Why it cannot be looked into; null when it can. */
  readonly unreadable: string | null;
  /** Files and directories that others than their owner may read or write. */
  readonly open: readonly string[];
  readonly hasAdminToken: boolean;
  /** Schema of the state file; null where it cannot be told from outside: the hub runs, or was killed. */
  readonly stateVersion: number | null;
  readonly journalBytes: number;
  /** When anything in it was written last, ms since 1970; null for an empty one. */
  readonly writtenAt: number | null;
  readonly disk: { readonly bytes: number; readonly freeBytes: number } | null;
  /** The process that has it open; null for none. */
  readonly pid: number | null;
  /** Files and sockets that this process may have open; null where it is not known. */
  readonly openFiles: number | null;
}
