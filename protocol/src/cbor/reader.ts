import type { Buffer } from 'node:buffer';

/** What a frame of CBOR holds that is not taken, in words for the maker of the device. */
export class CborFault extends Error {
  override readonly name = 'CborFault';
}

/** Major types of RFC 8949 §3.1. */
export const MAJOR = {
  uint: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** Additional information for "of indefinite length", and, with major type 7, the "break" that ends such an item. */
export const INDEFINITE = 31;
const BREAK = 0xff;

/** "This is CBOR", before the message itself (RFC 8949 §3.4.6): the one tag that is taken. */
export const SELF_DESCRIBED = 55_799;

/** Reads the heads of data items (RFC 8949 §3), one after another, and never past the end. */
export class CborReader {
  readonly bytes: Buffer;
  /** Where the next byte is read. */
  at = 0;
  /** Of the head that was read last: its major type, its additional information, and its argument. */
  major = 0;
  info = 0;
  /** Beyond 2^53 the nearest 64-bit float. Of no meaning with {@link INDEFINITE}; of floats, see {@link float}. */
  argument = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Whether the "break" of an item of indefinite length comes next; it is then passed over. */
  takeBreak(): boolean {
    if (this.bytes[this.at] !== BREAK) return false;
    this.at++;
    return true;
  }

  /** @throws CborFault at the end, and where it is not well-formed */
  head(): void {
    const first = this.bytes[this.at++];
    if (first === undefined) throw new CborFault('the frame ends too early');
    this.major = first >> 5;
    this.info = first & 31;
    if (this.info < 24) this.argument = this.info;
    else if (this.info < 28) this.#argument(1 << (this.info - 24));
    else if (this.info < INDEFINITE || this.major < MAJOR.bytes || this.major === MAJOR.tag) {
      throw new CborFault('not well-formed CBOR');
    }
  }

  /** The float whose head was read: of 2, 4 or 8 bytes. */
  float(): number {
    if (this.info === 25) return halfFloat(this.argument);
    if (this.info === 26) return this.bytes.readFloatBE(this.at - 4);
    return this.bytes.readDoubleBE(this.at - 8);
  }

  /** The negative integer whose head was read, -1 - n: one is added before the sum, so that it is rounded once. */
  negative(): number {
    if (this.info < 27) return -1 - this.argument;
    return -(
      this.bytes.readUInt32BE(this.at - 8) * 0x1_0000_0000 +
      (this.bytes.readUInt32BE(this.at - 4) + 1)
    );
  }

  /** The next `length` bytes. @throws CborFault where there are not so many */
  take(length: number): Buffer {
    if (length > this.left) throw new CborFault('the frame ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  #argument(size: number): void {
    if (size > this.left) throw new CborFault('the frame ends too early');
    const { bytes, at } = this;
    this.argument =
      size === 8
        ? bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
        : bytes.readUIntBE(at, size);
    this.at += size;
  }
}

/** A float of 16 bits (RFC 8949, appendix D). */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
