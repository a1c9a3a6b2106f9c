import type { Buffer } from 'node:buffer';
import { isBoot, isSeq } from '../names.js';
import { CborFault, CborReader, INDEFINITE, MAJOR, SELF_DESCRIBED } from './reader.js';

/** What names a message, as far as it could be found. */
export interface RecoveredNumber {
  readonly seq?: number;
  readonly boot?: string;
}

/**
 * Finds the number of a message in a frame that is refused, so that the answer can name it and a stop-and-wait device
 * goes on. Looks at the outermost map only, and passes over whatever else stands in it, as far as its lengths tell where
 * that ends. One pass, no recursion, linear in the length.
 */
export function recoverCborSeq(frame: Buffer): number | undefined {
  return recoverCborNumber(frame).seq;
}

/** Finds the boot that a message names, too, like {@link recoverCborSeq}. */
export function recoverCborNumber(frame: Buffer): RecoveredNumber {
  const found: { seq?: number | undefined; boot?: string | undefined } = {};
  try {
    search(new CborReader(frame), found);
  } catch (error) {
    // Cut off: what was found before that counts.
    if (!(error instanceof CborFault)) throw error;
  }
  const { seq, boot } = found;
  return { ...(seq === undefined ? {} : { seq }), ...(boot === undefined ? {} : { boot }) };
}

/** Of a key that comes twice the first counts. */
function search(reader: CborReader, found: { seq?: number | undefined; boot?: string | undefined }): void {
  reader.head();
  if (reader.major === MAJOR.tag && reader.argument === SELF_DESCRIBED) reader.head();
  if (reader.major !== MAJOR.map) return;
  const isEndless = reader.info === INDEFINITE;
  const pairs = isEndless ? Number.POSITIVE_INFINITY : reader.argument;
  for (let pair = 0; pair < pairs; pair++) {
    if (isEndless && reader.takeBreak()) return;
    const key = rawItem(reader);
    const start = reader.at;
    if (key === '\x63seq' && !('seq' in found)) found.seq = number(reader);
    if (key === '\x64boot' && !('boot' in found)) found.boot = name(reader);
    reader.at = start;
    skip(reader);
  }
}

/** The bytes of the next item, the first six at most. */
function rawItem(reader: CborReader): string {
  const start = reader.at;
  skip(reader);
  return reader.bytes.toString('latin1', start, Math.min(reader.at, start + 6));
}

function number(reader: CborReader): number | undefined {
  reader.head();
  return reader.major === MAJOR.uint && isSeq(reader.argument) ? reader.argument : undefined;
}

function name(reader: CborReader): string | undefined {
  reader.head();
  if (reader.major !== MAJOR.text || reader.info === INDEFINITE) return undefined;
  const text = reader.take(reader.argument).toString('latin1');
  return isBoot(text) ? text : undefined;
}

/** Passes over one item and all that it holds. */
function skip(reader: CborReader): void {
  /** Of each open container, how many items still follow; Infinity until a "break". */
  const open: number[] = [1];
  for (let left = open.at(-1); left !== undefined; left = open.at(-1)) {
    if (left === 0 || (left === Number.POSITIVE_INFINITY && reader.takeBreak())) {
      open.pop();
      continue;
    }
    open[open.length - 1] = left - 1;
    reader.head();
    const { major, info, argument } = reader;
    if (info === INDEFINITE) {
      if (major === MAJOR.simple) throw new CborFault('not well-formed CBOR');
      open.push(Number.POSITIVE_INFINITY);
    } else if (major === MAJOR.bytes || major === MAJOR.text) reader.take(argument);
    else if (major === MAJOR.array) open.push(argument);
    else if (major === MAJOR.map) open.push(argument * 2);
    else if (major === MAJOR.tag) open.push(1);
  }
}
