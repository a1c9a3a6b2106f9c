/**
 * Limits of protocol §1 "Limits" that an operator may change, at their defaults. The hub's configuration
 * starts from these.
 */
export const DEFAULT_LIMITS = Object.freeze({
  /** Longest frame from a device. */
  frameBytes: 65_536,
  metricsPerReading: 64,
  rowsPerMessage: 1_000,
  metricsPerDevice: 256,
  /** Messages a second of one device, sustained. */
  rateLimit: 100,
  /** Messages that one device may send at once before the rate applies. */
  rateBurst: 1_000,
  unauthenticatedPerAddress: 20,
  /** Unacked messages that a device keeps in flight. */
  window: 256,
  heartbeatMs: 20_000,
  /** How long a socket may stay without a `hello` that authenticates it. */
  helloTimeoutMs: 5_000,
  /** Longest time between a sync and its ack. */
  ackDelayMs: 25,
});

/** A device without a reading for so many of its expected intervals is stale. */
export const STALE_INTERVALS = 3;

/** Limits that belong to the protocol itself: both sides count on them. */
export const LIMITS = Object.freeze({
  /** A string value, in bytes of UTF-8. */
  stringBytes: 256,
  /** A display name or a tag's value, in bytes of UTF-8. */
  textBytes: 128,
  /** `token` in a `hello`. */
  tokenBytes: 1_024,
  /** `result` in an answer to a command, as JSON. */
  resultBytes: 512,
  /** Smallest `rxMax` that a device may declare. */
  minRxMaxBytes: 256,
  /** What the hub sends at most to a device that declared no `rxMax`. */
  rxMaxBytes: 1_024,
  /** A refused frame is kept raw up to here. */
  rawFrameBytes: 256,
  /** Ids of commands, with their answers, that a device remembers. */
  rememberedCommands: 16,
  /** A silence of so many heartbeats ends a connection. */
  silentHeartbeats: 3,
  /** How deep JSON may nest. */
  jsonDepth: 16,
});
