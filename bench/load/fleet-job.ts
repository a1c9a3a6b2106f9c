import type { Credentials } from '../hub/devices.js';

/** What the runner asks of a fleet's process (fleet.ts). */
export type FleetJob =
  /** New devices come in, `atOnce` of them at a time. */
  | ({ readonly do: 'connect'; readonly devices: readonly Credentials[] } & Connecting)
  /** All of them again, whether they are connected or not; what is there is cut first. */
  | ({ readonly do: 'reconnect' } & Connecting)
  | { readonly do: 'cut' };

interface Connecting {
  /** Where the hub listens, on the loopback address. */
  readonly port: number;
  readonly atOnce: number;
  /** When the fleet gives up. */
  readonly withinMs: number;
}

export interface FleetReport {
  /** Devices that were welcomed. */
  readonly in: number;
  /** Upgrades that were refused, by HTTP status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Tries that came to nothing for another reason. */
  readonly failed: number;
  /** From the beginning to the last welcome, and to half of them, ms. */
  readonly lastMs: number;
  readonly p50Ms: number;
}
