import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import type { Reading } from '@fieldline/journal';
import { type AlarmView, CLOSE, type CommandView, type TopicKind } from '@fieldline/protocol';
import type { BaseLogger } from 'pino';
import type { WebSocket } from 'ws';
import { grantorOf } from '../access/principal.js';
import type { DeviceDirectory } from '../devices/directory.js';
import type { Counters } from '../ops/counters.js';
import { SparseLog } from '../ops/sparse-log.js';
import { Audiences } from './audiences.js';
import {
  alarmFrame,
  commandFrame,
  type Frame,
  type LogEvent,
  logFrame,
  type RawEvent,
  rawFrame,
  type StatusEvent,
  statusFrame,
} from './frames.js';
import { GatheredWire } from './gathered-wire.js';
import type { Lane } from './lane.js';
import { LIVE_LIMITS, type LiveLimits } from './limits.js';
import { Outbox } from './outbox.js';
import { Viewer, type ViewerPrincipal } from './viewer.js';

export interface LiveParts {
  readonly directory: DeviceDirectory;
  readonly counters: Counters;
  readonly log: Pick<BaseLogger, 'warn' | 'error'>;
  readonly limits?: Partial<LiveLimits>;
}

/** How often viewers are looked after. */
const TICK_MS = 1_000;
const FULL = {
  hub: 'too many viewers',
  principal: 'too many viewers of one user or token',
} as const;
const LIMIT_OF = { hub: 'live.maxViewers', principal: 'live.maxViewersPerPrincipal' } as const;

/**
 * The live socket (protocol §2): pushes readings and events to viewers as they become durable. Devices never
 * wait for viewers: nothing here blocks, throws, or grows with a viewer that does not read.
 */
export class Live {
  readonly #directory: DeviceDirectory;
  readonly #counters: Counters;
  readonly #log: Pick<BaseLogger, 'warn' | 'error'>;
  readonly #limits: LiveLimits;
  readonly #commits = { version: 0 };
  readonly #audiences: Audiences;
  readonly #viewers = new Set<Viewer>();
  #ticker: NodeJS.Timeout | undefined;
  readonly #refusals: SparseLog;
  #pingedAtMs = 0;
  #closing: { resolve(): void } | undefined;

  constructor({ directory, counters, log, limits }: LiveParts) {
    this.#directory = directory;
    this.#counters = counters;
    this.#log = log;
    this.#limits = { ...LIVE_LIMITS, ...limits };
    this.#refusals = new SparseLog(log, () => performance.now());
    this.#audiences = new Audiences(directory, this.#commits);
  }

  /** How many viewers are connected. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /**
   * Takes over the socket of a viewer who has been authenticated. One too many is told `too_many`, and closed
   * with 1013.
   * @param stream what the socket writes to
   */
  attach(socket: WebSocket, principal: ViewerPrincipal, stream: Duplex): void {
    const viewer = new Viewer({
      socket,
      principal,
      outbox: new Outbox(new GatheredWire(socket, stream), this.#counters, this.#limits),
      audiences: this.#audiences,
      directory: this.#directory,
      limits: this.#limits,
      onFault: (error) => this.#log.error({ err: error }, 'a viewer message failed'),
      onClosed: () => this.#drop(viewer),
    });
    viewer.open();
    if (this.#closing !== undefined) {
      viewer.close(CLOSE.goingAway, 'shutting down');
      return;
    }
    const full = this.#whatIsFull(principal);
    if (full !== null) {
      this.#counters.viewersRefused[full]++;
      this.#refusals.warn({ limit: LIMIT_OF[full] }, 'viewers were refused: there are too many');
      viewer.refuse('too_many', FULL[full]);
      return;
    }
    this.#viewers.add(viewer);
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /**
   * Pushes the readings of one durable commit. To be called for every commit, in order, in the same tick in
   * which the directory learns the latest values: a snapshot and the updates after it then leave no hole.
   */
  publish(readings: readonly Reading[]): void {
    if (this.#audiences.size === 0) return;
    this.#commits.version += 1;
    const { version } = this.#commits;
    try {
      let everyCommit: Set<Lane> | undefined;
      for (const reading of readings) {
        const track = this.#audiences.track(reading.device);
        const changed = track.apply(reading, version);
        for (const interest of track.interests) {
          interest.lane.add(interest, reading, changed);
          if (interest.lane.periodMs === 0) everyCommit = (everyCommit ?? new Set()).add(interest.lane);
        }
      }
      for (const lane of everyCommit ?? []) lane.endCommit();
    } catch (error) {
      this.#log.error({ err: error }, 'readings could not be pushed to viewers');
    }
  }

  status(event: StatusEvent): void {
    this.#tell(
      'status',
      event.device,
      () => statusFrame(event),
      (viewer, frame) => viewer.status(event.device, frame),
    );
  }

  /** A command is new, or has changed. */
  command(command: CommandView): void {
    this.#tell(
      'command',
      command.device,
      () => commandFrame(command),
      (viewer, frame) => viewer.event(frame),
    );
  }

  /** An alarm was raised, or has changed. */
  alarm(alarm: AlarmView): void {
    this.#tell(
      'alarm',
      alarm.device,
      () => alarmFrame(alarm),
      (viewer, frame) => viewer.event(frame),
    );
  }

  log(event: LogEvent): void {
    this.#tell(
      'log',
      event.device,
      () => logFrame(event),
      (viewer, frame) => viewer.event(frame),
    );
  }

  raw(event: RawEvent): void {
    this.#tell(
      'raw',
      event.device,
      () => rawFrame(event),
      (viewer, frame) => viewer.event(frame),
    );
  }

  /** Whether anybody looks at a device's raw frames, so that they need not be made into text for nobody. */
  wantsRaw(device: string): boolean {
    if (!this.#audiences.wantsRaw) return false;
    const { audiences, routedTags } = this.#audiences.track(device);
    return audiences.some((audience) => audience.wants('raw', device, routedTags));
  }

  /** Closes the viewers of a principal whose token or session was revoked. */
  closePrincipal(principalId: string): void {
    for (const viewer of this.#viewers) {
      if (viewer.principal.id === principalId) viewer.close(CLOSE.unauthorized, 'revoked');
    }
  }

  /** Closes all viewers with 1001 and resolves when they are gone, after a second at the latest. */
  async close(): Promise<void> {
    if (this.#viewers.size > 0) {
      await new Promise<void>((resolve) => {
        this.#closing = { resolve };
        for (const viewer of this.#viewers) viewer.close(CLOSE.goingAway, 'shutting down');
      });
    }
    this.#closing = { resolve: () => {} };
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  /** Nobody takes all the places: those of one user or token are limited, too. */
  #whatIsFull(principal: ViewerPrincipal): keyof typeof FULL | null {
    const { maxViewers, maxViewersPerPrincipal } = this.#limits;
    if (this.#viewers.size >= maxViewers) return 'hub';
    const grantor = grantorOf(principal);
    let own = 0;
    for (const { principal: other } of this.#viewers) if (grantorOf(other) === grantor) own++;
    return own >= maxViewersPerPrincipal ? 'principal' : null;
  }

  #tell(
    topic: TopicKind,
    device: string,
    build: () => Frame,
    deliver: (viewer: Viewer, frame: Frame) => void,
  ): void {
    if (this.#audiences.size === 0) return;
    try {
      const { audiences, routedTags } = this.#audiences.track(device);
      let frame: Frame | undefined;
      for (const audience of audiences) {
        if (!audience.wants(topic, device, routedTags)) continue;
        frame ??= build();
        for (const viewer of audience.viewers) deliver(viewer, frame);
      }
    } catch (error) {
      this.#log.error({ err: error, topic }, 'an event could not be pushed to viewers');
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const viewer of this.#viewers) viewer.checkOverrun(nowMs);
    if (nowMs - this.#pingedAtMs < this.#limits.pingMs) return;
    this.#pingedAtMs = nowMs;
    for (const viewer of this.#viewers) viewer.ping();
    this.#audiences.sweep();
  }

  #drop(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    this.#closing?.resolve();
  }
}
