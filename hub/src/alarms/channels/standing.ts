import type { AlarmChannelView } from '@fieldline/protocol';
import type { AlarmDeliveries } from '../../state/alarm-deliveries.js';
import type { Channel } from './channel.js';

export interface StandingOptions {
  readonly channel: Channel;
  readonly deliveries: Pick<AlarmDeliveries, 'count' | 'overrun'>;
  readonly log: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
  readonly now: () => number;
}

/** How a channel stands, as people see it; its troubles are logged once each. */
export class Standing {
  readonly #options: StandingOptions;
  #state: AlarmChannelView['state'] = 'idle';
  #sent = 0;
  #failed = 0;
  #dropped = 0;
  #lastSentAt: number | null = null;
  #lastMs: number | null = null;
  #error: string | null = null;
  #nextTryAt: number | null = null;

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  /** Nothing is owed. */
  idle(): void {
    this.#state = 'idle';
    this.#error = null;
  }

  /** More is owed than may go now. */
  waits(): void {
    this.#state = 'waiting';
  }

  sends(): void {
    this.#state = this.#error === null ? 'sending' : 'retrying';
  }

  /** A message was taken, after so long. */
  told(tookMs: number): void {
    const { channel, log, now } = this.#options;
    this.#sent++;
    this.#lastSentAt = now();
    this.#lastMs = Math.round(tookMs);
    if (this.#error !== null) log.info({ channel: channel.name }, 'alarms can be told again');
    this.#error = null;
    this.#nextTryAt = null;
  }

  /** A message was not taken. @returns why, in words */
  failed(error: unknown): string {
    const { channel, log } = this.#options;
    const reason = error instanceof Error ? error.message : String(error);
    this.#failed++;
    this.#state = 'retrying';
    if (reason !== this.#error)
      log.warn({ channel: channel.name, reason }, 'an alarm could not be told; it is tried again');
    this.#error = reason;
    return reason;
  }

  /** Notices were given up. */
  dropped(count: number): void {
    this.#dropped += count;
  }

  /** Nothing is tried for so long. */
  rests(ms: number): void {
    this.#nextTryAt = this.#options.now() + Math.ceil(ms);
  }

  rested(): void {
    this.#nextTryAt = null;
  }

  view(): AlarmChannelView {
    const { channel, deliveries } = this.#options;
    return {
      ...{ channel: channel.name, target: channel.target, perMinute: channel.perMinute },
      ...{ state: this.#state, owed: deliveries.count(channel.name), sent: this.#sent, failed: this.#failed },
      dropped: this.#dropped + (deliveries.overrun.get(channel.name) ?? 0),
      ...{ lastSentAt: this.#lastSentAt, lastMs: this.#lastMs },
      ...{ error: this.#error, nextTryAt: this.#nextTryAt },
    };
  }
}
