import type { AlarmChannelView } from '@fieldline/protocol';
import { Backoff } from '../../sinks/backoff.js';
import { Bell } from '../../sinks/bell.js';
import type { AlarmDeliveries, OwedDelivery } from '../../state/alarm-deliveries.js';
import { type Channel, ChannelError, type Notice } from './channel.js';
import { Pace } from './pace.js';
import { Standing, type StandingOptions } from './standing.js';

export interface CourierOptions extends StandingOptions {
  readonly deliveries: AlarmDeliveries;
  /** Makes ids of messages that no other hub makes. */
  readonly hub: string;
  readonly random?: () => number;
  readonly retry?: { readonly minMs: number; readonly maxMs: number };
  /** How long more is waited for where one message has to tell of many: 2 s. */
  readonly gatherMs?: number;
}

const RETRY = { minMs: 1_000, maxMs: 300_000 } as const;
/** What could not be told for a day is news to nobody. */
const EXPIRE_MS = 86_400_000;
/** So many notices are told in one message at the most. */
const DIGEST = 500;
/** So many messages go before it is noted that they went, where nothing bounds how many may. */
const AT_ONCE = 100;
/** A message that the other side refuses is tried so often, then given up. */
const REFUSALS = 3;
const CLOSE_MS = 2_000;
/** A site that goes dark does so within a few seconds. */
const GATHER_MS = 2_000;

/**
 * Brings what is owed to one channel: in order, one message at a time, again after a failure with growing pauses. Where
 * more is owed than may go now, one message tells all of it, and counts as so many.
 *
 * What went is noted before anything else goes: while nothing can be noted, nobody is told the same again and again.
 */
export class Courier {
  readonly #options: CourierOptions;
  readonly #backoff: Backoff;
  readonly #pace: Pace | null;
  readonly #bell = new Bell();
  readonly #stop = new AbortController();
  readonly #standing: Standing;
  #running: Promise<void> | undefined;
  /** What many have in common has had the time to come in. */
  #hasGathered = false;
  /** What was told, and is not noted yet. */
  #told: number[] = [];

  constructor(options: CourierOptions) {
    const { channel, now, random } = options;
    this.#options = options;
    this.#standing = new Standing(options);
    this.#backoff = new Backoff(random);
    this.#pace = channel.perMinute === null ? null : new Pace(channel.perMinute, now);
  }

  get channel(): Channel {
    return this.#options.channel;
  }

  open(): void {
    this.#running = this.#run();
  }

  /** Something new is owed. */
  ring(): void {
    if (this.#standing.isIdle) this.#bell.ring();
  }

  /** Ends what is under way: what was not told stays owed for the next start. */
  async close(): Promise<void> {
    this.#stop.abort(new ChannelError('the hub stops'));
    this.#bell.ring();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.#running, late]).finally(() => clearTimeout(timer));
    this.channel.close();
  }

  view(): AlarmChannelView {
    return this.#standing.view();
  }

  /** Says over the channel that this is a test. @returns how long it took, ms @throws ChannelError */
  async test(): Promise<number> {
    const startedMs = performance.now();
    await this.channel.test(this.#stop.signal);
    return Math.round(performance.now() - startedMs);
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        // The state file cannot be read or written. What is owed stays owed.
        this.#standing.failed(error);
        await this.#pause(this.#backoff.next(this.#options.retry ?? RETRY));
      }
    }
  }

  async #step(): Promise<void> {
    const { channel, deliveries, now } = this.#options;
    this.#noteTold();
    const [oldest] = deliveries.owed(channel.name, 1);
    if (oldest === undefined) {
      this.#standing.idle();
      await this.#bell.wait();
      return;
    }
    if (oldest.at < now() - EXPIRE_MS) {
      this.#standing.dropped(deliveries.expire(channel.name, now(), now() - EXPIRE_MS));
      return;
    }
    if (this.#pace === null) {
      await this.#deliver(deliveries.owed(channel.name, AT_ONCE).map((one) => [one]));
      return;
    }
    // A message that was put together before goes first, as it was.
    const isMany = oldest.message === null && deliveries.count(channel.name) > this.#pace.left;
    const gatherMs = isMany && !this.#hasGathered ? (this.#options.gatherMs ?? GATHER_MS) : 0;
    if (this.#pace.waitMs > 0 || gatherMs > 0) {
      this.#hasGathered = true;
      this.#standing.waits();
      await this.#pause(Math.max(this.#pace.waitMs, gatherMs));
      return;
    }
    this.#hasGathered = false;
    await this.#deliver([this.#choose(oldest, isMany)]);
  }

  /** What goes into the next message; what was chosen once stays together. */
  #choose(oldest: OwedDelivery, isMany: boolean): readonly OwedDelivery[] {
    const { channel, deliveries } = this.#options;
    const chosen =
      oldest.message === null && !isMany
        ? [oldest]
        : deliveries.owed(channel.name, DIGEST).filter(({ message }) => message === oldest.message);
    if (oldest.message === null) deliveries.gather(chosen.map(({ id }) => id));
    return chosen;
  }

  /** Tells one message after the other, until one is not taken. */
  async #deliver(messages: readonly (readonly OwedDelivery[])[]): Promise<void> {
    this.#standing.sends();
    for (const chosen of messages) {
      const failure = await this.#tell(chosen);
      if (this.#stop.signal.aborted) break;
      if (failure === null) continue;
      this.#noteTold();
      await this.#refused(chosen, failure.error);
      return;
    }
    this.#noteTold();
  }

  /** @returns why it was not taken; null when it was */
  async #tell(chosen: readonly OwedDelivery[]): Promise<{ readonly error: unknown } | null> {
    const { channel, hub } = this.#options;
    const id = `${hub}-${channel.name}-${chosen[0]?.id}`;
    const startedMs = performance.now();
    try {
      await channel.send({ id, notices: chosen.map(noticeIn) }, this.#stop.signal);
    } catch (error) {
      return { error };
    }
    for (const { id } of chosen) this.#told.push(id);
    this.#pace?.take(chosen.length);
    this.#standing.told(performance.now() - startedMs);
    this.#backoff.reset();
    return null;
  }

  #noteTold(): void {
    if (this.#told.length === 0) return;
    const { deliveries, now } = this.#options;
    deliveries.done(this.#told, 'sent', now(), null);
    this.#told = [];
  }

  async #refused(chosen: readonly OwedDelivery[], error: unknown): Promise<void> {
    const { deliveries, retry, now } = this.#options;
    const ids = chosen.map(({ id }) => id);
    const reason = this.#standing.failed(error);
    const isRefused = error instanceof ChannelError && error.isRefused;
    if (isRefused && (chosen[0]?.attempts ?? 0) + 1 >= REFUSALS) {
      deliveries.done(ids, 'refused', now(), reason);
      this.#standing.dropped(ids.length);
      return;
    }
    deliveries.failed(ids, reason);
    const asked = error instanceof ChannelError ? error.retryAfterMs : null;
    await this.#pause(Math.max(this.#backoff.next(retry ?? RETRY), Math.min(asked ?? 0, RETRY.maxMs)));
  }

  async #pause(ms: number): Promise<void> {
    this.#standing.rests(ms);
    const until = performance.now() + ms;
    while (!this.#stop.signal.aborted) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) break;
      await this.#bell.wait(leftMs);
    }
    this.#standing.rested();
  }
}

/** @throws ChannelError for one that this hub cannot have written */
function noticeIn({ payload }: OwedDelivery): Notice {
  try {
    return JSON.parse(payload) as Notice;
  } catch (error) {
    throw new ChannelError('what was to be told is damaged', { isRefused: true, cause: error });
  }
}
