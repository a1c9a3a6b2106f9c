import { type Buffer, isUtf8 } from 'node:buffer';
import { LIMITS } from '../limits.js';
import { cutText } from '../text.js';
import { CborFault, CborReader, INDEFINITE, MAJOR, SELF_DESCRIBED } from './reader.js';

/** Of a byte string, which is not a value, so much is kept to be shown. */
const SHOWN_BYTES = 512;

/** A byte string, as it is shown where it is refused: an object is not a value either. */
export interface ByteString {
  /** Hexadecimal, the first 512 bytes. */
  readonly bytes: string;
}

/**
 * Decodes one data item of CBOR (RFC 8949) from outside, to what `JSON.parse` could have returned, with two
 * exceptions: a number may be NaN or infinite, and a byte string becomes a {@link ByteString}. `undefined` becomes
 * null; integers beyond 2^53 become the nearest float, as they do in JSON; a key `__proto__` becomes an own key.
 *
 * Refused are what is not well-formed or goes on after its end, keys that are no texts or come twice, texts that are
 * not UTF-8, tags (but for the one that says "CBOR" at the start), simple values without a meaning, and containers
 * nested deeper than `maxDepth`. Its work and its memory are bounded by the length of `frame`, whatever lengths it claims.
 * @throws CborFault
 */
export function decodeCbor(frame: Buffer, maxDepth: number = LIMITS.jsonDepth): unknown {
  const reader = new CborReader(frame);
  reader.head();
  if (reader.major === MAJOR.tag && reader.argument === SELF_DESCRIBED) reader.head();
  if (reader.major === MAJOR.bytes) throw new CborFault('a map expected, got a byte string');
  const value = item(reader, maxDepth);
  if (reader.left > 0) throw new CborFault(`${reader.left} bytes follow the end of the message`);
  return value;
}

/** The item whose head was read. */
function item(reader: CborReader, depth: number): unknown {
  switch (reader.major) {
    case MAJOR.uint:
      return reader.argument;
    case MAJOR.negative:
      return reader.negative();
    case MAJOR.text:
      return text(reader);
    case MAJOR.map:
      return map(reader, depth);
    case MAJOR.array:
      return array(reader, depth);
    case MAJOR.bytes:
      return byteString(reader);
    case MAJOR.simple:
      return simple(reader);
    default:
      throw new CborFault(`the tag ${reader.argument} is not known here`);
  }
}

function map(reader: CborReader, depth: number): object {
  if (depth <= 0) throw new CborFault('nested too deeply');
  const isEndless = reader.info === INDEFINITE;
  const count = isEndless ? Number.POSITIVE_INFINITY : reader.argument;
  const object: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    if (isEndless && reader.takeBreak()) break;
    reader.head();
    if (reader.major !== MAJOR.text) throw new CborFault('a key is not a text');
    const key = text(reader);
    if (Object.hasOwn(object, key)) throw new CborFault(`the key ${cutText(key, 64)} comes twice`);
    reader.head();
    const value = item(reader, depth - 1);
    if (key === '__proto__') {
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    } else {
      object[key] = value;
    }
  }
  return object;
}

function array(reader: CborReader, depth: number): unknown[] {
  if (depth <= 0) throw new CborFault('nested too deeply');
  const isEndless = reader.info === INDEFINITE;
  const count = isEndless ? Number.POSITIVE_INFINITY : reader.argument;
  const list: unknown[] = [];
  for (let i = 0; i < count; i++) {
    if (isEndless && reader.takeBreak()) break;
    reader.head();
    list.push(item(reader, depth - 1));
  }
  return list;
}

function text(reader: CborReader): string {
  if (reader.info !== INDEFINITE) return utf8(reader.take(reader.argument));
  let whole = '';
  for (const chunk of chunks(reader, MAJOR.text)) whole += utf8(chunk);
  return whole;
}

/** A broken sequence decodes to U+FFFD; whether one stood there by right is looked up only then. */
function utf8(bytes: Buffer): string {
  const decoded = bytes.toString('utf8');
  if (decoded.includes('\ufffd') && !isUtf8(bytes)) throw new CborFault('a text is not valid UTF-8');
  return decoded;
}

function byteString(reader: CborReader): ByteString {
  if (reader.info !== INDEFINITE) return { bytes: hex(reader.take(reader.argument), SHOWN_BYTES) };
  let bytes = '';
  for (const chunk of chunks(reader, MAJOR.bytes)) bytes += hex(chunk, SHOWN_BYTES - bytes.length / 2);
  return { bytes };
}

function hex(bytes: Buffer, mostBytes: number): string {
  return bytes.toString('hex', 0, Math.min(bytes.length, mostBytes));
}

/** The pieces of a string of indefinite length: strings of the same kind, each of a definite one. */
function* chunks(reader: CborReader, major: number): Generator<Buffer> {
  while (!reader.takeBreak()) {
    reader.head();
    if (reader.major !== major || reader.info === INDEFINITE) throw new CborFault('not well-formed CBOR');
    yield reader.take(reader.argument);
  }
}

function simple(reader: CborReader): unknown {
  switch (reader.info) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
    case 23:
      return null;
    case 25:
    case 26:
    case 27:
      return reader.float();
    case INDEFINITE:
      throw new CborFault('not well-formed CBOR');
    default:
      throw new CborFault(`the simple value ${reader.argument} is not known here`);
  }
}
