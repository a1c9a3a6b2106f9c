import type { RejectCode } from '@fieldline/protocol';

/** One value that was refused, as it goes to the quarantine. */
export interface RejectedValue {
  /** null when the whole message was refused. */
  readonly metric: string | null;
  readonly code: RejectCode;
  readonly value: unknown;
  readonly message: string;
}

/** What the device is told: one per (metric, code), with the first row and the count (protocol §1.2). */
export interface Reject {
  readonly metric?: string;
  readonly code: RejectCode;
  readonly row: number;
  count: number;
  readonly message: string;
}

/** A message can hold 64,000 values; of so many bad ones the quarantine would keep only the newest anyway. */
const KEPT_PER_MESSAGE = 1_000;

/** Gathers what is wrong with one message. */
export class Rejects {
  readonly summary: Reject[] = [];
  /** `summary` by code and metric; made with the first reject, since most messages have none. */
  private known: Map<string, Reject> | null = null;
  /** Every refused value, up to 1,000; `total` counts on. */
  readonly values: RejectedValue[] = [];
  total = 0;

  /** A value of one metric was refused. */
  value(metric: string, code: RejectCode, row: number, value: unknown, message: string): void {
    this.add(metric, code, row, value, message);
  }

  /** The whole message was refused. */
  whole(code: RejectCode, row: number, value: unknown, message: string): void {
    this.add(null, code, row, value, message);
  }

  private add(metric: string | null, code: RejectCode, row: number, value: unknown, message: string): void {
    this.total++;
    if (this.values.length < KEPT_PER_MESSAGE) this.values.push({ metric, code, value, message });
    // A frame has room for some 9,000 metrics: to look each up in a list would take half a second.
    this.known ??= new Map();
    const key = metric === null ? code : `${code} ${metric}`;
    const known = this.known.get(key);
    if (known) {
      known.count++;
      return;
    }
    const reject = { ...(metric === null ? {} : { metric }), code, row, count: 1, message };
    this.known.set(key, reject);
    this.summary.push(reject);
  }
}
