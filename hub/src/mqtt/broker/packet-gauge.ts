/** Control packet type of DISCONNECT, in the upper half of a packet's first byte (MQTT 3.1.1 §2.2.1). */
const DISCONNECT = 14;
const MAX_LENGTH_BYTES = 4;

/**
 * Follows the packets in a stream of bytes by their fixed headers (MQTT 3.1.1 §2.2), so that one which is too large is
 * known by what it declares and not when all of it is in memory.
 */
export class PacketGauge {
  /** What a packet may have, its header not counted. */
  maxBytes: number;
  /** Whether a DISCONNECT came: the client closes on purpose. */
  hasDisconnect = false;
  /** Bytes of the packet under way that are still to come. */
  #rest = 0;
  /** Bytes of "remaining length" that were read; -1 before a packet's first byte. */
  #lengthBytes = -1;
  #length = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Whether the next byte is the first of a packet. */
  get isBetweenPackets(): boolean {
    return this.#rest === 0 && this.#lengthBytes < 0;
  }

  /** Takes the next bytes. @returns false when a packet is too large, or its length makes no sense */
  fits(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#rest > 0) {
        const skipped = Math.min(this.#rest, bytes.length - at);
        this.#rest -= skipped;
        at += skipped;
        continue;
      }
      const byte = bytes[at++] as number;
      if (this.#lengthBytes < 0) {
        if (byte >> 4 === DISCONNECT) this.hasDisconnect = true;
        this.#lengthBytes = 0;
        this.#length = 0;
        continue;
      }
      this.#length += (byte & 0x7f) << (7 * this.#lengthBytes);
      this.#lengthBytes += 1;
      if (this.#length > this.maxBytes) return false;
      if (byte & 0x80) {
        if (this.#lengthBytes === MAX_LENGTH_BYTES) return false;
        continue;
      }
      this.#rest = this.#length;
      this.#lengthBytes = -1;
    }
    return true;
  }
}
