import type { Credentials } from '../hub/devices.js';

/** What the runner asks of a load generator's process. */
export type Job =
  | {
      readonly do: 'connect';
      readonly url: string;
      readonly devices: readonly Credentials[];
      readonly hello: boolean;
    }
  /** Single frames, round the devices, at `rate` messages a second in all. */
  | { readonly do: 'send'; readonly rate: number; readonly durationMs: number }
  /** As many as the sockets take, without regard to the window. */
  | { readonly do: 'saturate'; readonly durationMs: number }
  | { readonly do: 'close' };

/** What it answers when the job is done. */
export interface LoadReport {
  readonly connected: number;
  readonly sent: number;
  /** Messages that acks of this job covered; 0 against a server that does not ack. */
  readonly acked: number;
  readonly elapsedMs: number;
  /** From the call of `send` to the ack, ms. Null without acks. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  /** The longest time between two acks in a row, to whatever device, ms; null with fewer than two. */
  readonly longestSilenceMs: number | null;
  /** Mean length of the frames, in bytes. */
  readonly frameBytes: number;
  /** Sockets that were closed by the other side. */
  readonly closed: number;
}
