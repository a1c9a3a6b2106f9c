import type { AlarmChannelName, AlarmView } from '@fieldline/protocol';
import type { AlarmEvent } from '../alarm-change.js';

/** What is told of one change, complete: nothing has to be looked up when it goes out, however late. */
export interface Notice {
  readonly event: AlarmEvent;
  /** ms since 1970. */
  readonly at: number;
  readonly alarm: AlarmView;
  readonly device: {
    readonly id: string;
    readonly name: string | null;
    readonly profile: string | null;
    readonly tags: Readonly<Record<string, string>>;
  };
  /** One sentence: what, where, since when. */
  readonly text: string;
}

/** One message to a channel: one notice, or a digest of several. */
export interface Message {
  /** The same for every try: who gets it twice can tell. */
  readonly id: string;
  readonly notices: readonly Notice[];
}

/** Tells people, or machines, of alarms. Retry, rate and durability live in the courier around it. */
export interface Channel {
  readonly name: AlarmChannelName;
  /** Where it goes, for people; without secrets. */
  readonly target: string;
  /** At most so many messages a minute; null for any number, and never a digest. */
  readonly perMinute: number | null;
  wants(event: AlarmEvent): boolean;
  /**
   * Resolves once the other side has taken it.
   * @throws ChannelError that says whether trying again makes sense
   */
  send(message: Message, signal: AbortSignal): Promise<void>;
  /** Says over the channel that this is a test. @throws ChannelError */
  test(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** A message that was not taken. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  /** This very message is at fault: it is given up after a few tries, so that others get through. */
  readonly isRefused: boolean;
  /** When the other side wants to be tried again, ms; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    options: ErrorOptions & { isRefused?: boolean; retryAfterMs?: number | null } = {},
  ) {
    super(message, options);
    this.isRefused = options.isRefused ?? false;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
