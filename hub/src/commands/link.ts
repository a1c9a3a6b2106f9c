import type { Cap } from '@fieldline/protocol';

/** A device's connection, as commands see it: a device socket, or an MQTT client with `down` and `up`. */
export interface CommandLink {
  /** The boot that its `hello` named; null where it named none. */
  readonly boot: string | null;
  readonly caps: ReadonlySet<Cap>;
  /** Whether it takes frames still: it may be ending, before those who use it are told. */
  readonly isOpen: boolean;
  /** Longest frame that the device can take, bytes. */
  readonly rxMaxBytes: number;
  /** Length of a frame on this connection, bytes: what `rxMaxBytes` bounds. */
  lengthOf(text: string): number;
  /**
   * Sends a frame, given as a text of JSON. Whether it arrives nobody knows; a connection that has ended drops it.
   * @param ttlMs for how long it is of use, where it is not of use for ever: for wires that may hold it back
   */
  sendFrame(text: string, ttlMs?: number): void;
}
