import type { Credentials } from '../hub/devices.js';

/** What the runner asks of the process that gives commands (commander.ts). */
export interface CommandJob {
  /** The hub's HTTP address, and an API token for it. */
  readonly url: string;
  readonly apiToken: string;
  /** The devices that are told, in turn, each over a connection of its own to `deviceUrl`. */
  readonly deviceUrl: string;
  readonly devices: readonly Credentials[];
  /** The body of every request. */
  readonly body: string;
  readonly perSecond: number;
  readonly durationMs: number;
}

/** Times in ms. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface CommandReport {
  /** How often a request was answered with a command in this state, or with an error. */
  readonly states: Readonly<Record<string, number>>;
  /** From the request to its answer. */
  readonly took: Spread;
  /** From the request to the frame at the device. */
  readonly toDevice: Spread;
  /** From there, where the device answers at once, to the answer of the request. */
  readonly toAnswer: Spread;
}
