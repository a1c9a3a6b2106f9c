/** Which serial port a board is at: a path (also of `/dev/serial/by-id`), or what the USB device says of itself. */
export type PortMatch =
  | { readonly path: string }
  | { readonly vendorId: string; readonly productId: string; readonly serialNumber?: string };

/** How messages stand on the line (protocol §5): lines of text, or COBS frames of CBOR. */
export const FRAMINGS = ['lines', 'cobs'] as const;
export type Framing = (typeof FRAMINGS)[number];

/** What happens at the queue's limit. */
export const WHEN_FULL = ['drop_oldest', 'refuse'] as const;

/** Who the board is at the hub. */
export type Credential =
  | { readonly device: string; readonly token: string }
  /**
   * A key with which the board gets an id and a token of its own, once; they are kept in the data directory.
   * `hardwareId` names the board for good: its USB serial number where it is null.
   */
  | { readonly claimKey: string; readonly hardwareId: string | null };

export interface PortConfig {
  /** For people: in the log, in metrics; and its directory's. Of `[A-Za-z0-9_-]`; the device's id by default. */
  readonly name: string;
  readonly match: PortMatch;
  readonly baud: number;
  readonly framing: Framing;
  /** Whether the board is reset (by DTR) each time its port is opened. */
  readonly reset: boolean;
  /** Longest line or frame from the board, bytes as they are on the line; longer ones are dropped and counted. */
  readonly maxLineBytes: number;
  readonly credential: Credential;
  /** Told to the hub, which takes it while it has none for the device. */
  readonly profile: string | null;
}

export interface QueueConfig {
  /** What may wait on the disk for the hub, per board. */
  readonly maxBytes: number;
  /** At the limit: the oldest readings are given up and counted, or new ones are not taken (and not acked). */
  readonly whenFull: (typeof WHEN_FULL)[number];
}

export interface BridgeConfig {
  /** Of the hub, as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where readings wait for the hub, and tokens that were claimed are kept. */
  readonly data: string;
  readonly queue: QueueConfig;
  /** Where `/metrics` and `/healthz` are served; null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly ports: readonly PortConfig[];
}
