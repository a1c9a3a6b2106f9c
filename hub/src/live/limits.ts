/** Bounds of the live socket. Tests make them small; operators change the numbers of viewers only. */
export interface LiveLimits {
  readonly maxViewers: number;
  /** Of one user, or of one API token, however many log-ins there are. */
  readonly maxViewersPerPrincipal: number;
  readonly subscriptionsPerViewer: number;
  /** Longest message from a viewer. */
  readonly messageBytes: number;
  /** Above so many unsent bytes a viewer gets the latest values only. */
  readonly behindBytes: number;
  /** Above so many unsent bytes for `overrunMs` a viewer is closed. */
  readonly overrunBytes: number;
  readonly overrunMs: number;
  /** Devices, and bytes, of one frame of a snapshot or of a catching up. */
  readonly chunkDevices: number;
  readonly chunkBytes: number;
  /** Time between pings; a viewer that is silent from one to the next is dropped. */
  readonly pingMs: number;
  /** How long a closed socket may take to finish its close handshake before it is cut. */
  readonly closeMs: number;
}

export const LIVE_LIMITS: LiveLimits = Object.freeze({
  maxViewers: 1_000,
  maxViewersPerPrincipal: 200,
  subscriptionsPerViewer: 100,
  messageBytes: 65_536,
  behindBytes: 256 * 1024,
  overrunBytes: 1024 * 1024,
  overrunMs: 5_000,
  chunkDevices: 500,
  chunkBytes: 64 * 1024,
  pingMs: 20_000,
  closeMs: 1_000,
});
