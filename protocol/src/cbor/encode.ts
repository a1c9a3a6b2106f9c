import { Buffer } from 'node:buffer';
import { MAJOR } from './reader.js';

const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT32 = 0xfa;
const FLOAT64 = 0xfb;

/**
 * Encodes what JSON can hold as one data item of CBOR (RFC 8949): lengths and integers in their shortest form, other
 * numbers as 32-bit floats where nothing is lost, else as 64-bit ones (decoders of small devices often lack 16-bit
 * floats), keys in the order in which they stand. As in `JSON.stringify`, undefined
 * fields are left out, and NaN and infinite numbers become null.
 * @throws TypeError for what JSON has no form for
 */
export function encodeCbor(value: unknown): Buffer {
  const writer = new Writer();
  writer.item(value);
  return writer.bytes.subarray(0, writer.length);
}

class Writer {
  bytes = Buffer.allocUnsafe(256);
  length = 0;

  item(value: unknown): void {
    if (value === null || (typeof value === 'number' && !Number.isFinite(value))) this.#byte(NULL);
    else if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') this.#byte(value ? TRUE : FALSE);
    else if (Array.isArray(value)) this.#array(value);
    else if (typeof value === 'object') this.#map(value);
    else throw new TypeError(`no form in CBOR here: ${typeof value}`);
  }

  #array(list: readonly unknown[]): void {
    this.#head(MAJOR.array, list.length);
    for (const value of list) this.item(value ?? null);
  }

  #map(object: object): void {
    const fields = Object.entries(object).filter(([, value]) => value !== undefined);
    this.#head(MAJOR.map, fields.length);
    for (const [key, value] of fields) {
      this.#text(key);
      this.item(value);
    }
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text);
    this.#head(MAJOR.text, length);
    this.#room(length);
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0) this.#head(MAJOR.uint, value);
      else this.#head(MAJOR.negative, -1 - value);
    } else if (Object.is(Math.fround(value), value)) {
      this.#byte(FLOAT32);
      this.#room(4);
      this.length = this.bytes.writeFloatBE(value, this.length);
    } else {
      this.#byte(FLOAT64);
      this.#room(8);
      this.length = this.bytes.writeDoubleBE(value, this.length);
    }
  }

  /** The head of an item, its argument in the shortest form. */
  #head(major: number, argument: number): void {
    const type = major << 5;
    this.#room(9);
    if (argument < 24) {
      this.#byte(type | argument);
    } else if (argument <= 0xff) {
      this.#byte(type | 24);
      this.#byte(argument);
    } else if (argument <= 0xffff) {
      this.#byte(type | 25);
      this.length = this.bytes.writeUInt16BE(argument, this.length);
    } else if (argument <= 0xffff_ffff) {
      this.#byte(type | 26);
      this.length = this.bytes.writeUInt32BE(argument, this.length);
    } else {
      this.#byte(type | 27);
      this.length = this.bytes.writeUInt32BE(Math.floor(argument / 0x1_0000_0000), this.length);
      this.length = this.bytes.writeUInt32BE(argument % 0x1_0000_0000, this.length);
    }
  }

  #byte(byte: number): void {
    this.#room(1);
    this.bytes[this.length++] = byte;
  }

  #room(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + bytes));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
