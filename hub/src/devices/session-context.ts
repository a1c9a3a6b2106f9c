import type { FastifyBaseLogger } from 'fastify';
import type { Commands } from '../commands/commands.js';
import type { Config } from '../config.js';
import type { Flow } from '../ingest/flow.js';
import type { GroupCommit } from '../ingest/group-commit.js';
import type { Ingest } from '../ingest/ingest.js';
import type { RawEvent } from '../live/frames.js';
import type { Counters, Source } from '../ops/counters.js';
import type { AckQueue } from './ack-queue.js';
import type { Configs } from './configs.js';
import type { Device } from './device.js';
import type { Presence } from './presence.js';

/** What sessions tell those who watch, beside who is online (presence.ts). */
export interface LiveFeed {
  log(event: { device: string; level: string; message: string; at: number }): void;
  wantsRaw(device: string): boolean;
  raw(event: RawEvent): void;
}

/** What every session of a hub shares. */
export interface SessionContext {
  readonly config: Config;
  readonly ingest: Ingest;
  readonly commit: GroupCommit;
  readonly flow: Flow;
  readonly acks: AckQueue;
  /** Whether telemetry can be made durable at the moment. */
  readonly canWrite: () => boolean;
  readonly counters: Counters;
  readonly live: LiveFeed;
  readonly presence: Presence;
  readonly configs: Pick<Configs, 'welcomed' | 'reported' | 'gone'>;
  readonly commands: Pick<Commands, 'welcomed' | 'answered' | 'gone'>;
  readonly log: FastifyBaseLogger;
  readonly deviceLog: { add(line: { device: string; at: number; level: string; message: string }): void };
  readonly now: () => number;
  /** A newer connection of a device ends the older one; for the audit. It must not throw. */
  readonly onTakeover: (device: Device, from: string, to: string) => void;
  /** Something of a device changed that should last over a restart. */
  readonly touch: (device: Device) => void;
  /** A device named its profile; it counts only while the registry has none. */
  readonly offerProfile: (device: Device, profile: string) => void;
  /** A frame could not be parsed: it is kept in the quarantine, cut to 256 bytes. */
  readonly refuseFrame: (device: Device, source: Source, raw: string, reason: string, nowMs: number) => void;
}
